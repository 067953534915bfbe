/// Reads the arguments of pickle instructions, checking every length against the bytes that are left.
struct PickleReader {
  let region: ByteRegion
  /// The offset of the next byte.
  private(set) var position: Int
  /// The offset of the instruction being read, for messages.
  private(set) var instruction = 0

  init(_ region: ByteRegion, at position: Int) {
    self.region = region
    self.position = position
  }

  /// An error at the current instruction.
  func error(_ problem: String) -> CheckpointError {
    CheckpointError(file: region.file, problem: "pickle, byte \(instruction): \(problem)")
  }

  /// The next instruction.
  mutating func opcode() throws(CheckpointError) -> PickleOpcode {
    instruction = position
    let byte = try integer(UInt8.self)
    guard let opcode = PickleOpcode(rawValue: byte) else {
      throw error("0x\(String(byte, radix: 16)) is not a pickle instruction; is the file damaged?")
    }
    return opcode
  }

  /// A little-endian integer.
  mutating func integer<Value: FixedWidthInteger>(_: Value.Type) throws(CheckpointError) -> Value {
    guard let value = region.integer(Value.self, at: position) else { throw truncated() }
    position += MemoryLayout<Value>.size
    return value
  }

  /// Where the next `count` bytes lie; the count is any number that a file may hold.
  mutating func bytes(_ count: some FixedWidthInteger) throws(CheckpointError) -> Range<Int> {
    guard let count = Int(exactly: count), count >= 0 else { throw error("a length of \(count) bytes is not possible") }
    guard count <= region.count - position else {
      throw error("\(count) bytes are announced and \(region.count - position) are left; is the file truncated?")
    }
    defer { position += count }
    return position..<position + count
  }

  /// The next `count` bytes as UTF-8.
  mutating func text(_ count: some FixedWidthInteger) throws(CheckpointError) -> String {
    text(in: try bytes(count))
  }

  /// The bytes up to the next line feed, which is skipped.
  mutating func line() throws(CheckpointError) -> Range<Int> {
    let start = position
    let length = region.withBytes { $0[start...].firstIndex(of: 0x0A) }
    guard let end = length else { throw truncated() }
    position = end + 1
    return start..<end
  }

  /// The next line as UTF-8.
  mutating func textLine() throws(CheckpointError) -> String {
    text(in: try line())
  }

  /// The next line in Python's encoding `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX` for all else.
  mutating func rawUnicodeEscapeLine() throws(CheckpointError) -> String {
    let range = try line()
    let bytes = region.withBytes { Array($0[range]) }
    var text = String.UnicodeScalarView()
    var index = 0
    while index < bytes.count {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      let digitCount = bytes[index] == 0x5C ? (next == 0x75 ? 4 : next == 0x55 ? 8 : 0) : 0
      let digits = String(decoding: bytes[(index + 1)...].dropFirst().prefix(digitCount), as: UTF8.self)
      if digitCount > 0, let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) {
        text.append(scalar)
        index += 2 + digitCount
      } else {
        text.append(Unicode.Scalar(bytes[index]))
        index += 1
      }
    }
    return String(text)
  }

  /// A big-endian double.
  mutating func double() throws(CheckpointError) -> Double {
    Double(bitPattern: try integer(UInt64.self).byteSwapped)
  }

  /// An integer of `count` little-endian bytes in two's complement.
  mutating func twosComplement(_ count: some FixedWidthInteger) throws(CheckpointError) -> PickleValue {
    let range = try bytes(count)
    guard range.count <= 8 else { return .wideInteger(range) }
    guard let last = range.last, let top = region.byte(at: last) else { return .integer(0) }
    var value = top >= 0x80 ? -1 : 0
    for offset in range.reversed() {
      value = value << 8 | Int(region.byte(at: offset) ?? 0)
    }
    return .integer(value)
  }

  func text(in range: Range<Int>) -> String {
    region.subregion(at: range.lowerBound, count: range.count)?.text ?? ""
  }

  private func truncated() -> CheckpointError { error("the file ends within a pickle; is it truncated?") }
}
