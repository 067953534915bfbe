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

  /// As text with so many decimal places.
  func fixed(_ places: Int) -> String {
    guard isFinite else { return "\(self)" }
    let unit = (0..<places).reduce(1) { unit, _ in unit * 10 }
    let scaled = (abs(Double(self)) * Double(unit)).rounded()
    guard scaled < 1e15 else { return "\(self)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: unit)
    let digits = String(rest)
    let fraction = places > 0 ? "." + String(repeating: "0", count: places - digits.count) + digits : ""
    return (self < 0 && scaled > 0 ? "−" : "") + "\(whole)\(fraction)"
  }
}
