#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The bytes of a file, read whole into memory.
public enum FileContents {
  /// Whether there is something of that name.
  public static func exist(at path: String) -> Bool { access(path, F_OK) == 0 }

  /// Reads a regular file to its end, or to the size that it had when it was opened.
  ///
  /// - Parameters:
  ///   - path: where it lies.
  ///   - limit: the most bytes that are read; longer files are refused before they are.
  /// - Throws: ``FileError`` when it cannot be read, is no file, or is too long.
  public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = try RegularFile.open(path)
    defer { close(descriptor) }
    let size = try RegularFile.size(of: descriptor, path: path)
    guard size <= limit else {
      throw FileError(.read, path, reason: "it has \(size) bytes; at most \(limit) are read")
    }
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      while count < size, failure == nil {
        // Some systems read at most 2 GiB at once.
        let step = systemRead(descriptor, start + count, min(size - count, 1 << 30))
        if step == 0 { break }
        if step > 0 { count += step } else if errno != EINTR { failure = errno }
      }
    }
    if let failure { throw FileError(.read, path, errorNumber: failure) }
    return bytes
  }
}

/// The system's `read`, which a method of that name would hide.
private func systemRead(_ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(descriptor, target, count)
}
