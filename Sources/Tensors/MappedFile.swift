#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a file, mapped into memory: nothing is read before it is looked at, and nothing is copied.
///
/// The mapping lives as long as this object does. It is private and read-only; whoever shortens the file meanwhile makes
/// the missing pages unreadable, as with every mapped file.
///
/// `@unchecked Sendable`: the memory is never written to.
public final class MappedFile: @unchecked Sendable {
  /// The path that was opened.
  public let path: String
  /// The whole file. Valid while this object is alive; empty for an empty file.
  public let bytes: UnsafeRawBufferPointer

  /// Maps the regular file at `path`.
  ///
  /// - Throws: ``FileError`` when it does not exist, may not be read, or is a folder, a pipe or a device.
  public init(path: String) throws(FileError) {
    let descriptor = try RegularFile.open(path)
    defer { close(descriptor) }

    let count = try RegularFile.size(of: descriptor, path: path)
    self.path = path
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw FileError(.read, path, errorNumber: errno) }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  /// Lets go of the memory behind some of the bytes; looked at again, they are read from the file again.
  ///
  /// - Parameter part: a part of ``bytes``. Pages that it shares with what lies beside it stay.
  public func releasePages(of part: UnsafeRawBufferPointer) {
    guard let start = part.baseAddress, let whole = bytes.baseAddress, start >= whole,
      start + part.count <= whole + bytes.count
    else { return }
    let page = Int(getpagesize())
    let first = (Int(bitPattern: start) + page - 1) / page * page
    let last = (Int(bitPattern: start) + part.count) / page * page
    guard first < last, let address = UnsafeMutableRawPointer(bitPattern: first) else { return }
    madvise(address, last - first, MADV_DONTNEED)
  }

  deinit {
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }
  }
}
