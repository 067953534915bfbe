/// Reads the few kinds of JSON that a safetensors header is made of, piece by piece. It knows no nesting of its own, so
/// that no input can exhaust the stack, and needs no Foundation, whose loading would take longer than the header.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private var position = 0

  /// - Parameter bytes: UTF-8 text. Stays valid while the scanner is used.
  init(_ bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// An error at the current place.
  func error(_ problem: String) -> CheckpointError {
    CheckpointError(file: file, problem: "safetensors header, byte \(position): \(problem)")
  }

  /// Skips white space and takes the next character when it is the given one.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipWhiteSpace()
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  /// Skips white space and takes the given character.
  mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
    guard take(character) else { throw error("\(String(character).quoted) was expected; is the file damaged?") }
  }

  /// Whether only white space is left.
  mutating func isAtEnd() -> Bool {
    skipWhiteSpace()
    return position == bytes.count
  }

  /// Calls `body` for each member of an object, after its name and colon.
  mutating func members(
    _ body: (inout JSONScanner, _ name: String) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try expect("{")
    if take("}") { return }
    repeat {
      let name = try string()
      try expect(":")
      try body(&self, name)
    } while take(",")
    try expect("}")
  }

  /// An array of integers that are not negative, at most `limit` of them.
  mutating func integers(limit: Int) throws(CheckpointError) -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var result: [Int] = []
    repeat {
      result.append(try integer())
      guard result.count <= limit else { throw error("more than \(limit) numbers in an array") }
    } while take(",")
    try expect("]")
    return result
  }

  /// An integer that is not negative.
  mutating func integer() throws(CheckpointError) -> Int {
    skipWhiteSpace()
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      let (tenfold, tooFar) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tenfold.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !tooFar, !overflow else { throw error("a number is too large") }
      value = sum
      position += 1
    }
    let isFraction = position < bytes.count && [0x2E, 0x65, 0x45].contains(bytes[position])
    guard position > start, !isFraction else { throw error("a whole number that is not negative was expected") }
    guard position == start + 1 || bytes[start] != 0x30 else { throw error("a number has leading zeros") }
    return value
  }

  /// A string, its escapes resolved.
  mutating func string() throws(CheckpointError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case 0x22:
        guard let result = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
        return result
      case 0x5C: text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw error("a string holds a control character")
      default: text.append(byte)
      }
    }
    throw error("a string has no end")
  }

  /// The character behind a backslash.
  private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
    guard position < bytes.count else { throw error("a string has no end") }
    defer { position += 1 }
    switch bytes[position] {
    case 0x22: return "\""
    case 0x5C: return "\\"
    case 0x2F: return "/"
    case 0x62: return "\u{8}"
    case 0x66: return "\u{C}"
    case 0x6E: return "\n"
    case 0x72: return "\r"
    case 0x74: return "\t"
    case 0x75: return try unicodeEscape()
    default: throw error("a string holds an unknown escape")
    }
  }

  /// The character of `uXXXX`, or of two of them that are a surrogate pair. Leaves the last digit to be stepped over.
  private mutating func unicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
    var code = try hexadecimal(at: position + 1)
    position += 4
    if (0xD800..<0xDC00).contains(code), position + 2 < bytes.count, bytes[position + 1] == 0x5C,
      bytes[position + 2] == 0x75
    {
      let low = try hexadecimal(at: position + 3)
      guard (0xDC00..<0xE000).contains(low) else { throw error("a string holds half a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      position += 6
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("a string holds half a surrogate pair") }
    return scalar
  }

  private func hexadecimal(at start: Int) throws(CheckpointError) -> UInt32 {
    guard start + 4 <= bytes.count else { throw error("a string has no end") }
    var value: UInt32 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("four hex digits were expected")
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  private mutating func skipWhiteSpace() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
  }
}
