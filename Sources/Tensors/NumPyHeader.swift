/// The dictionary in front of a `.npy` array: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
///
/// It is Python's notation, of which this reads what NumPy writes for arrays of plain numbers: a dictionary of texts,
/// truth values and tuples of whole numbers, in any order.
struct NumPyHeader {
  /// The type of the elements, such as `<f4`.
  private(set) var type = ""
  /// Whether the first index changes fastest.
  private(set) var isFortranOrder = false
  /// The extent along each axis.
  private(set) var extents: [Int] = []

  private var text: Substring.UTF8View

  /// NumPy writes no more axes than this.
  private static let mostAxes = 64

  /// Parses the header's bytes.
  init(_ bytes: UnsafeRawBufferPointer) throws(NumPyProblem) {
    let header = String(decoding: bytes, as: UTF8.self)
    text = Substring(header).utf8
    var missing: Set = ["descr", "fortran_order", "shape"]
    try expect("{")
    while !skip("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr": type = try string()
      case "fortran_order": isFortranOrder = try truth()
      case "shape": extents = try tuple()
      default: throw NumPyProblem("its header has an unknown key '\(key)'")
      }
      guard missing.remove(key) != nil else { throw NumPyProblem("its header has '\(key)' twice") }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard text.isEmpty else { throw NumPyProblem("its header goes on after the dictionary") }
    guard missing.isEmpty else { throw NumPyProblem("its header lacks \(missing.sorted().joined(separator: ", "))") }
  }

  private mutating func skipSpace() {
    text = text.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
  }

  /// Takes a character, where it comes next.
  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard text.first == UInt8(ascii: character) else { return false }
    text = text.dropFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NumPyProblem) {
    guard skip(character) else { throw unexpected("'\(character)'") }
  }

  private func unexpected(_ wanted: String) -> NumPyProblem {
    let found = String(Substring(text.prefix(20)))
    return NumPyProblem("its header should have \(wanted) at '\(found)'; arrays of plain numbers are read")
  }

  private mutating func string() throws(NumPyProblem) -> String {
    for quote in ["'", "\""] as [Unicode.Scalar] where skip(quote) {
      let content = text.prefix { $0 != UInt8(ascii: quote) }
      text = text[content.endIndex...]
      try expect(quote)
      return String(Substring(content))
    }
    throw unexpected("a text")
  }

  private mutating func truth() throws(NumPyProblem) -> Bool {
    skipSpace()
    for (name, value) in [("True", true), ("False", false)] where text.starts(with: name.utf8) {
      text = text.dropFirst(name.utf8.count)
      return value
    }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(NumPyProblem) -> [Int] {
    var numbers = [Int]()
    try expect("(")
    while !skip(")") {
      skipSpace()
      let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let number = Int(Substring(digits)) else { throw unexpected("a whole number") }
      text = text[digits.endIndex...]
      numbers.append(number)
      guard numbers.count <= Self.mostAxes else { throw NumPyProblem("it has more than \(Self.mostAxes) axes") }
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }
}
