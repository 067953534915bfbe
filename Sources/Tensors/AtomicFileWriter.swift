#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of any length that appears once it is complete: see ``AtomicFile``. Unless it is committed, nothing is left.
public final class AtomicFileWriter {
  /// The target as the caller named it, for messages.
  private let path: String
  /// The target with symbolic links followed: what is renamed onto, so that a link stays a link.
  private let target: String
  /// Nil when the target is a pipe or a device: those are written to directly, never replaced.
  private let temporary: String?
  private let descriptor: Int32
  private var isOpen = true

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: where it will appear, replacing what is there.
  ///   - folder: where it lies until then, on the same file system; beside its place where left out.
  /// - Throws: ``FileError`` when the folder does not exist or may not be written to, or `path` is a folder.
  public init(_ path: String, by folder: String? = nil) throws(FileError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw FileError(.write, path, reason: "the path is empty or holds a zero byte")
    }
    self.path = path
    target = Self.followingLinks(path)

    var status = stat()
    let exists = stat(target, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw FileError(.write, path, reason: "it is a folder, not a file") }
    if exists, kind != S_IFREG {
      temporary = nil
      descriptor = open(target, O_WRONLY | O_CLOEXEC)
    } else {
      let name = Self.temporaryName(beside: folder.map { "\($0)/" } ?? target)
      temporary = name
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if exists, descriptor >= 0 { fchmod(descriptor, status.st_mode & 0o7777) }
    }
    guard descriptor >= 0 else {
      isOpen = false
      throw FileError(.write, path, errorNumber: errno)
    }
  }

  deinit {
    guard isOpen else { return }
    close(descriptor)
    if let temporary { unlink(temporary) }
  }

  /// Adds bytes at its end.
  ///
  /// - Throws: ``FileError`` when they cannot be written.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    let result = bytes.withUnsafeBytes { memory in Result { () throws(FileError) in try append(memory) } }
    try result.get()
  }

  /// Adds bytes at its end.
  ///
  /// - Throws: ``FileError`` when they cannot be written.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let run = UnsafeRawBufferPointer(rebasing: rest)
      // Systems refuse or shorten a single write of 2 GiB and more.
      let written = Self.systemWrite(descriptor, run.baseAddress, min(run.count, 1 << 30))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw FileError(.write, path, errorNumber: errno) }
      rest = rest.dropFirst(written)
    }
  }

  /// Gives the file its name. Afterwards it is closed, whether this throws or not.
  ///
  /// - Throws: ``FileError`` when the bytes could not be kept.
  public func commit() throws(FileError) {
    isOpen = false
    // Network file systems report a full disk only when a file is closed.
    var succeeded = close(descriptor) == 0
    if succeeded, let temporary { succeeded = rename(temporary, target) == 0 }
    guard !succeeded else { return }
    let failure = errno
    if let temporary { unlink(temporary) }
    throw FileError(.write, path, errorNumber: failure)
  }

  private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
  }

  private static func followingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// A name in the target's folder that does not depend on the target's, which may already be as long as names can be.
  private static func temporaryName(beside target: String) -> String {
    let folder = target.lastIndex(of: "/").map { target[...$0] } ?? ""
    return folder + ".vitcam-" + String(UInt64.random(in: 0 ... .max), radix: 36) + ".partial"
  }
}
