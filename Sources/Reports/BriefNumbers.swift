extension Float {
  /// As text for people: two decimal places, but two digits of numbers below a tenth, and as many as it takes to tell a
  /// probability from 1: 12.34, 0.57, 0.0004, 0.998.
  public var brief: String {
    guard isFinite, self != 0, (1e-30..<1e6).contains(magnitude) else { return "\(self)" }
    let value = Double(magnitude)
    var factor = 100.0
    while value * factor < 10 { factor *= 10 }
    while value < 1, factor < 1e6, (value * factor).rounded() == factor { factor *= 10 }
    return "\(Float((Double(self) * factor).rounded() / factor))"
  }
}
