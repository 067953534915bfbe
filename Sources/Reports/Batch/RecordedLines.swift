import Tensors

/// The lines of a file of results or errors, by the places of their pictures, which only ever grow. A line that was torn
/// when its process was killed does not count.
final class RecordedLines {
  /// A line, and the part of it that is needed to go on from it.
  struct Line: Sendable {
    let bytes: [UInt8]
    let place: Int
    let files: [RecordedFile]
  }

  private struct Content: Decodable {
    let place: Int
    let files: [RecordedFile]?
  }

  private let reader: LineReader?
  private(set) var current: Line?

  /// Opens a file; one that was never made has no lines.
  init(_ path: String) throws(FileError) {
    reader = Folder.isTaken(path) ? try LineReader(path: path) : nil
    try advance()
  }

  /// The line of a place, where there is one. Places are asked for in growing order.
  func line(at place: Int) throws(FileError) -> Line? {
    while let current, current.place < place { try advance() }
    return current?.place == place ? current : nil
  }

  private func advance() throws(FileError) {
    current = nil
    while let line = try reader?.next() {
      guard line.isEnded, let content = try? JSONLine.decoded(Content.self, from: line.bytes) else { continue }
      current = Line(bytes: line.bytes, place: content.place, files: content.files ?? [])
      return
    }
  }
}
