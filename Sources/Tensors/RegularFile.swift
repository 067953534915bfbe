#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files that are no folders, pipes or devices, by their descriptors.
enum RegularFile {
  /// Opens a file for reading.
  static func open(_ path: String) throws(FileError) -> Int32 {
    guard !path.utf8.contains(0) else {
      throw FileError(.read, path, reason: "the path holds a zero byte")
    }
    // Not blocking, because opening a pipe that nobody writes to would wait for ever.
    #if canImport(Darwin)
      let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #elseif canImport(Glibc)
      let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #elseif canImport(Musl)
      let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    #endif
    guard descriptor >= 0 else { throw FileError(.read, path, errorNumber: errno) }
    return descriptor
  }

  /// The size of an open file in bytes.
  static func size(of descriptor: Int32, path: String) throws(FileError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(.read, path, errorNumber: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFDIR: throw FileError(.read, path, reason: "it is a folder, not a file")
    default: throw FileError(.read, path, reason: "it is a pipe or a device, not a file")
    }
  }
}
