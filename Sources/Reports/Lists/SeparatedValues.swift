import Tensors

/// The rows of a table with commas, tabs or semicolons between its values, see `SeparatedRow`.
struct SeparatedValues {
  private let reader: LineReader
  private let separator: UInt8
  /// The names of the columns, in lower case.
  let columns: [String]

  /// Reads the first row, which names the columns; it also shows what separates them.
  init(_ reader: LineReader) throws {
    self.reader = reader
    var first = try reader.next()?.bytes ?? []
    if first.starts(with: [0xEF, 0xBB, 0xBF]) { first.removeFirst(3) }
    separator = SeparatedRow.separator(in: first)
    columns =
      SeparatedRow.values(of: first, separator: separator)?.map { $0.lowercased().filter { !$0.isWhitespace } } ?? []
  }

  /// The next row that is not empty; nil behind the last.
  ///
  /// - Throws: `FileError` where reading fails; ``UsageError`` where a quote is never closed.
  func next() throws -> [String]? {
    while var line = try reader.next()?.bytes {
      if line.isEmpty || line == [UInt8(ascii: "\r")] { continue }
      let first = reader.count
      while true {
        if let values = SeparatedRow.values(of: line, separator: separator) { return values }
        guard line.count < 1 << 20, let further = try reader.next()?.bytes else {
          throw UsageError("\(reader.name):\(first): a quote is opened and not closed")
        }
        line += [UInt8(ascii: "\n")] + further
      }
    }
    return nil
  }
}
