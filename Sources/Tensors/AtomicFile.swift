#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writing files so that nobody ever sees half of one.
///
/// The bytes go to a temporary file in the target's folder, which then takes the target's name. When anything fails,
/// the temporary file is removed and an older file of that name stays as it was.
public enum AtomicFile {
  /// Writes `bytes` to the file at `path`, replacing what is there.
  ///
  /// - Throws: ``FileError`` when the folder does not exist or may not be written to, the disk is full, or `path` is a
  ///   folder.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let result = bytes.withUnsafeBytes { memory in
      Result { () throws(FileError) in try write([memory], to: path) }
    }
    try result.get()
  }

  /// Writes several runs of memory, one after another, to the file at `path`, replacing what is there.
  ///
  /// - Throws: ``FileError`` as the other overload does.
  public static func write(_ parts: [UnsafeRawBufferPointer], to path: String) throws(FileError) {
    let file = try TemporaryFile(for: path)
    do throws(FileError) {
      for part in parts { try file.append(part) }
    } catch {
      file.discard()
      throw error
    }
    try file.commit()
  }
}

/// The file that is written in place of a target until it is complete.
private struct TemporaryFile {
  /// The target as the caller named it, for messages.
  let path: String
  /// The target with symbolic links followed: what is renamed onto, so that a link stays a link.
  private let target: String
  /// Nil when the target is a pipe or a device: those are written to directly, never replaced.
  private let temporary: String?
  private let descriptor: Int32

  init(for path: String) throws(FileError) {
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
      let name = Self.temporaryName(beside: target)
      temporary = name
      descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if exists, descriptor >= 0 { fchmod(descriptor, status.st_mode & 0o7777) }
    }
    guard descriptor >= 0 else { throw FileError(.write, path, errorNumber: errno) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
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

  /// Gives the file its name. The descriptor is closed afterwards, whether this throws or not.
  func commit() throws(FileError) {
    // Network file systems report a full disk only when a file is closed.
    var succeeded = close(descriptor) == 0
    if succeeded, let temporary { succeeded = rename(temporary, target) == 0 }
    guard !succeeded else { return }
    let failure = errno
    if let temporary { unlink(temporary) }
    throw FileError(.write, path, errorNumber: failure)
  }

  /// Gives up: closes the descriptor and removes what was written.
  func discard() {
    close(descriptor)
    if let temporary { unlink(temporary) }
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
