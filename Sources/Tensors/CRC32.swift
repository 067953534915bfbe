/// The checksum CRC-32 of ISO 3309, as zlib, PNG and gzip have it: it tells a damaged or torn file from a whole one, not
/// a forged one.
public struct CRC32: Sendable, Equatable, CustomStringConvertible {
  private var register: UInt32 = 0xFFFF_FFFF

  /// The remainders of all bytes by the polynomial, lowest bit first.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
      remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
    }
  }

  /// The checksum of nothing.
  public init() {}

  /// The checksum of some bytes.
  public init(_ bytes: UnsafeRawBufferPointer) {
    append(bytes)
  }

  /// The checksum of some bytes.
  public init(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Goes on with further bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var remainder = register
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { remainder = remainder >> 8 ^ table[Int((remainder ^ UInt32(byte)) & 0xFF)] }
    }
    register = remainder
  }

  /// The checksum of what was appended so far.
  public var value: UInt32 { ~register }

  /// Eight hexadecimal digits, as `crc32` and `unzip -v` print them: `cbf43926`.
  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
