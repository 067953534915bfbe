import Tensors

/// A list of pictures in a file, read row by row: separated values with a first row `path,label,target`, or a JSON object
/// with these keys in each line. Only `path` is necessary. Relative paths start at the folder that the list lies in.
///
/// A row that cannot be understood is a picture with a ``ListedPicture/problem``, so that the others are still explained.
struct Manifest {
  private enum Rows {
    case values(SeparatedValues, path: Int)
    case json(LineReader)
  }

  /// What a line of JSON may hold. A label may be a number.
  private struct Row: Decodable {
    let path: String
    let label: TextOrNumber?
    let target: TextOrNumber?
  }

  private let rows: Rows
  private let reader: LineReader
  private let folder: String

  /// Whether a file's name says that it is a list.
  static func isManifest(_ path: String) -> Bool {
    ["csv", "tsv", "jsonl", "ndjson"].contains(Folder.ending(of: path)?.lowercased())
  }

  /// Opens a list.
  ///
  /// - Throws: `FileError` where it cannot be read; ``UsageError`` where the column `path` is missing.
  init(_ path: String) throws {
    reader = try LineReader(path: path)
    let parent = Folder.parent(of: path)
    folder = parent == "." && !path.hasPrefix(".") ? "" : parent.hasSuffix("/") ? parent : parent + "/"
    guard ["csv", "tsv"].contains(Folder.ending(of: path)?.lowercased()) else {
      rows = .json(reader)
      return
    }
    let values = try SeparatedValues(reader)
    guard let column = values.columns.firstIndex(of: "path") else {
      let found = values.columns.joined(separator: ",").prefix(60)
      throw UsageError("\(path): expected a first line that names the columns path, label, target; found '\(found)'")
    }
    rows = .values(values, path: column)
  }

  /// The next picture; nil behind the last. Its place is not known here.
  func next() throws -> ListedPicture? {
    switch rows {
    case .values(let values, let column): try values.next().map { picture($0, columns: values.columns, path: column) }
    case .json(let reader): try nextJSON(reader)
    }
  }

  private func picture(_ values: [String], columns: [String], path: Int) -> ListedPicture {
    guard values.count == columns.count, !values[path].isEmpty else {
      return problem(
        values.count == columns.count ? "the path is empty" : "expected \(columns.count) values, found \(values.count)")
    }
    func value(_ name: String) -> String? {
      columns.firstIndex(of: name).flatMap { values[$0].isEmpty ? nil : values[$0] }
    }
    return ListedPicture(place: 0, path: resolved(values[path]), label: value("label"), target: value("target"))
  }

  private func nextJSON(_ reader: LineReader) throws -> ListedPicture? {
    while let line = try reader.next()?.bytes {
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      guard let row = try? JSONLine.decoded(Row.self, from: line), !row.path.isEmpty else {
        return problem("expected a JSON object with a path")
      }
      return ListedPicture(
        place: 0, path: resolved(row.path), label: row.label?.text, target: row.target?.text)
    }
    return nil
  }

  private func problem(_ reason: String) -> ListedPicture {
    let place = "\(reader.name):\(reader.count)"
    return ListedPicture(place: 0, path: place, problem: "\(place): \(reason)")
  }

  private func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
}
