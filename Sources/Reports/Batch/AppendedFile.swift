import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that grows by whole lines: what was written stays, whatever happens to the process.
final class AppendedFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let isOwned: Bool

  /// Makes a file.
  ///
  /// - Throws: `FileError` where it exists or cannot be made.
  init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
    isOwned = true
    guard descriptor >= 0 else { throw FileError(.write, path, errorNumber: errno) }
  }

  /// Writes to what is open already.
  init(descriptor: Int32, name: String) {
    path = name
    self.descriptor = descriptor
    isOwned = false
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Adds bytes at its end.
  ///
  /// - Throws: `FileError` where they cannot be written.
  func append(_ bytes: [UInt8]) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError(.write, path, errorNumber: errno) }
      rest = rest.dropFirst(count)
    }
  }
}

/// A lock on a folder that ends with the process, however it ends.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock. File systems without locks let everybody in.
  ///
  /// - Throws: ``UsageError`` where another process has it; `FileError` where the folder cannot be written to.
  init(_ folder: String) throws {
    let path = "\(folder)/lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(.write, path, errorNumber: errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw UsageError("\(folder): another process is working on this shard")
    }
  }

  deinit { close(descriptor) }
}
