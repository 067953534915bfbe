import Checkpoints

/// The fields of one message of Protocol Buffers' wire format, in the file's order.
///
/// Nothing is copied: what a field holds is a region of the file. Messages are read when somebody asks for what is in them, a
/// level at a time, so that nesting costs nothing by itself.
struct WireReader: Sequence, IteratorProtocol {
  /// One field of a message.
  struct Field {
    let number: Int
    let value: FieldValue
  }

  /// What a field holds, by its wire type.
  enum FieldValue {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ByteRegion)
  }

  private let region: ByteRegion
  private var position = 0
  /// Whether the message ended in the middle of a field, or holds what is no field.
  private(set) var isDamaged = false

  init(_ region: ByteRegion) {
    self.region = region
  }

  mutating func next() -> Field? {
    guard !isDamaged, position < region.count else { return nil }
    guard let key = region.varint(at: &position), key >> 3 > 0, key >> 3 < 1 << 29,
      let value = value(ofType: Int(key & 7))
    else {
      isDamaged = true
      return nil
    }
    return Field(number: Int(key >> 3), value: value)
  }

  private mutating func value(ofType type: Int) -> FieldValue? {
    switch type {
    case 0: return region.varint(at: &position).map { .varint($0) }
    case 1:
      defer { position += 8 }
      return region.integer(UInt64.self, at: position).map { .fixed64($0) }
    case 2:
      guard let length = region.varint(at: &position), let count = Int(exactly: length),
        let bytes = region.subregion(at: position, count: count)
      else { return nil }
      position += count
      return .bytes(bytes)
    case 5:
      defer { position += 4 }
      return region.integer(UInt32.self, at: position).map { .fixed32($0) }
    default: return nil
    }
  }
}

extension ByteRegion {
  /// A number of seven bits a byte, the lowest first, as long as the highest bit is set; the position moves behind it.
  fileprivate func varint(at position: inout Int) -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = byte(at: position) else { return nil }
      position += 1
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return result }
    }
    return nil
  }

  /// Calls `body` with each field of the message that this region is.
  ///
  /// - Throws: `CheckpointError` where the bytes are no message, and what `body` throws.
  func forEachField(_ body: (WireReader.Field) throws -> Void) throws {
    var reader = WireReader(self)
    while let field = reader.next() { try body(field) }
    if reader.isDamaged {
      throw CheckpointError(file: file, problem: "no ONNX file, or a damaged one: its bytes are no message")
    }
  }
}

extension WireReader.Field {
  /// The text of a field; empty where it holds none.
  var text: String { bytes?.text ?? "" }

  /// The bytes or the message of a field.
  var bytes: ByteRegion? { if case .bytes(let region) = value { region } else { nil } }

  /// The number of a field: a varint, negative ones in two's complement.
  var integer: Int? { if case .varint(let value) = value { Int(truncatingIfNeeded: value) } else { nil } }

  /// The number of a field that holds a 32-bit float.
  var float: Float? { if case .fixed32(let bits) = value { Float(bitPattern: bits) } else { nil } }

  /// The integers of a repeated field, whether packed or one by one.
  func integers() throws -> [Int] {
    guard let bytes else { return integer.map { [$0] } ?? [] }
    var result = [Int]()
    var position = 0
    while position < bytes.count {
      guard let value = bytes.varint(at: &position) else {
        throw CheckpointError(file: bytes.file, problem: "a damaged ONNX file: a list of integers ends early")
      }
      result.append(Int(truncatingIfNeeded: value))
    }
    return result
  }

  /// The floats of a repeated field, whether packed or one by one.
  func floats() -> [Float] {
    guard let bytes else { return float.map { [$0] } ?? [] }
    return (0..<bytes.count / 4).compactMap { bytes.integer(UInt32.self, at: 4 * $0).map(Float.init(bitPattern:)) }
  }
}
