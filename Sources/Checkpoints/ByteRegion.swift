import Tensors

/// A run of bytes of a file that somebody keeps in memory: a whole checkpoint, an entry of an archive, or one storage.
///
/// Every access is checked, so that sizes and offsets read from a file can be passed in as they are.
///
/// `@unchecked Sendable`: the bytes are never written to, and `owner` keeps them alive.
package struct ByteRegion: @unchecked Sendable {
  /// The name of the file, for error messages.
  package let file: String
  private let memory: UnsafeRawBufferPointer
  private let owner: any AnyObject & Sendable

  /// A region of memory that `owner` keeps alive and nobody writes to.
  init(file: String, memory: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
    self.file = file
    self.memory = memory
    self.owner = owner
  }

  /// A whole file, mapped into memory.
  package init(contentsOf path: String) throws(CheckpointError) {
    do {
      let mapped = try MappedFile(path: path)
      self.init(file: path, memory: mapped.bytes, owner: mapped)
    } catch {
      throw CheckpointError(file: path, problem: error.reason)
    }
  }

  /// A region of its own that holds a copy of the bytes.
  package init(file: String, copying bytes: [UInt8]) {
    let owner = OwnedBytes(bytes)
    self.init(file: file, memory: UnsafeRawBufferPointer(owner.buffer), owner: owner)
  }

  /// The number of bytes.
  package var count: Int { memory.count }

  /// The bytes of a range, or nil when the range does not lie in this region.
  package func subregion(at offset: Int, count: Int) -> ByteRegion? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
    let slice = UnsafeRawBufferPointer(rebasing: memory[offset..<offset + count])
    return ByteRegion(file: file, memory: slice, owner: owner)
  }

  /// The byte at an offset, or nil behind the end.
  package func byte(at offset: Int) -> UInt8? {
    offset >= 0 && offset < count ? memory[offset] : nil
  }

  /// The little-endian integer at an offset, or nil when it does not lie in this region.
  package func integer<Value: FixedWidthInteger>(_: Value.Type, at offset: Int) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, count >= size, offset <= count - size else { return nil }
    return Value(littleEndian: memory.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// Whether the region begins with the given bytes at an offset.
  func hasBytes(_ bytes: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    guard let region = subregion(at: offset, count: bytes.count) else { return false }
    return region.withBytes { $0.elementsEqual(bytes) }
  }

  /// The text of all bytes as UTF-8; bytes that are not UTF-8 become replacement characters.
  package var text: String { String(decoding: memory, as: UTF8.self) }

  /// Calls `body` with the bytes.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(memory)
  }

  /// Lets go of the memory behind a part of a mapped file, whose bytes were copied; looked at again, they are read again.
  func releasePages() { (owner as? MappedFile)?.releasePages(of: memory) }

  /// The floats of the region as they lie in memory, borrowed; nil when they are not aligned for that.
  func borrowedFloats() -> (floats: UnsafeBufferPointer<Float>, owner: any AnyObject & Sendable)? {
    guard let base = memory.baseAddress, Int(bitPattern: base) % MemoryLayout<Float>.alignment == 0 else { return nil }
    return (memory.assumingMemoryBound(to: Float.self), owner)
  }
}

/// Bytes that were never in a file.
///
/// `@unchecked Sendable`: written to by the initialiser alone.
private final class OwnedBytes: @unchecked Sendable {
  let buffer: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    buffer.copyBytes(from: bytes)
  }

  deinit { buffer.deallocate() }
}
