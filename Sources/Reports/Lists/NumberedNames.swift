extension String {
  /// Whether it stands before another name where numbers in names count: `model-9.pth` before `model-80.pth`.
  func precedes(_ other: String) -> Bool {
    let (own, others) = (parts, other.parts)
    for (one, another) in zip(own, others) where one != another {
      guard one.first?.isWholeNumber == true, another.first?.isWholeNumber == true else { return one < another }
      let (a, b) = (one.drop { $0 == "0" }, another.drop { $0 == "0" })
      if a != b { return (a.count, String(a)) < (b.count, String(b)) }
    }
    return own.count == others.count ? self < other : own.count < others.count
  }

  /// Runs of digits, and what stands between them.
  private var parts: [Substring] {
    var parts = [Substring]()
    var rest = self[...]
    while let first = rest.first {
      let run = rest.prefix { $0.isWholeNumber == first.isWholeNumber }
      parts.append(run)
      rest = rest[run.endIndex...]
    }
    return parts
  }
}
