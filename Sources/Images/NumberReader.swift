/// Numbers at any offset of a run of bytes, in either byte order; nil beyond its end.
struct NumberReader {
  let bytes: UnsafeRawBufferPointer
  let isLittleEndian: Bool

  func word(at offset: Int) -> UInt16? {
    guard offset >= 0, offset <= bytes.count - 2 else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return isLittleEndian ? UInt16(littleEndian: value) : UInt16(bigEndian: value)
  }

  func doubleWord(at offset: Int) -> UInt32? {
    guard offset >= 0, offset <= bytes.count - 4 else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return isLittleEndian ? UInt32(littleEndian: value) : UInt32(bigEndian: value)
  }
}
