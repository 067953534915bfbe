import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads lines, however many there are: of a file, or of what another program writes. It holds one of them.
final class LineReader {
  /// A line without its line feed.
  struct Line {
    let bytes: [UInt8]
    /// Whether a line feed followed: the last line of a file may lack it.
    let isEnded: Bool
  }

  /// Longer lines are refused: enough for any picture that is read, in base64.
  static let longestLine = 512 << 20

  /// What is read, for messages.
  let name: String
  /// The number of lines read so far.
  private(set) var count = 0
  private let descriptor: Int32
  private let isOwned: Bool
  private let stop: StopRequest?
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0

  /// Reads a file.
  ///
  /// - Throws: `FileError` where it cannot be opened.
  init(path: String) throws(FileError) {
    guard !path.utf8.contains(0) else { throw FileError(.read, path, reason: "the path holds a zero byte") }
    name = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    isOwned = true
    stop = nil
    guard descriptor >= 0 else { throw FileError(.read, path, errorNumber: errno) }
  }

  /// Reads what another program writes, until a stop is asked for.
  init(descriptor: Int32, name: String, stop: StopRequest) {
    self.name = name
    self.descriptor = descriptor
    self.stop = stop
    isOwned = false
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// The next line; nil behind the last, or once a stop is asked for.
  ///
  /// - Throws: `FileError` where reading fails or a line is longer than ``longestLine``.
  func next() throws(FileError) -> Line? {
    var line = [UInt8]()
    while true {
      if unread.isEmpty {
        guard try fill() else { return line.isEmpty || stop?.isMade == true ? nil : ended(line, false) }
      }
      if let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n")) {
        line += buffer[unread.lowerBound..<end]
        unread = end + 1..<unread.upperBound
        return ended(line, true)
      }
      line += buffer[unread]
      unread = 0..<0
      guard line.count <= Self.longestLine else {
        throw FileError(.read, name, reason: "line \(count + 1) is longer than \(Self.longestLine >> 20) MiB")
      }
    }
  }

  private func ended(_ line: [UInt8], _ isEnded: Bool) -> Line {
    count += 1
    return Line(bytes: line, isEnded: isEnded)
  }

  /// Reads on; false at the end.
  private func fill() throws(FileError) -> Bool {
    while true {
      guard waitForInput() else { return false }
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else { throw FileError(.read, name, errorNumber: errno) }
      unread = 0..<count
      return count > 0
    }
  }

  /// Whether there is something to read, now or soon; looks up now and then whether a stop is asked for.
  private func waitForInput() -> Bool {
    guard let stop else { return true }
    while !stop.isMade {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&request, 1, 100) != 0 { return true }
    }
    return false
  }
}
