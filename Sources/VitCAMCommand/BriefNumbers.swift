extension Float {
  /// As text for people: two decimal places, of numbers below a tenth two digits: 12.34, 0.57, 0.0004.
  var brief: String {
    guard isFinite, self != 0, (1e-30..<1e6).contains(magnitude) else { return "\(self)" }
    var factor = 100.0
    while Double(magnitude) * factor < 10 { factor *= 10 }
    return "\(Float((Double(self) * factor).rounded() / factor))"
  }
}
