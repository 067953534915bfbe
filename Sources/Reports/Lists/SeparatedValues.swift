/// Rows of values with commas between them, as RFC 4180 describes them; tabs and semicolons are understood too.
///
/// A value in double quotes may hold separators, line feeds, and quotes, which are doubled.
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
    let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    separator = separators.first { first.contains($0) } ?? separators[0]
    columns = Self.values(of: first, separator)?.map { $0.lowercased().filter { !$0.isWhitespace } } ?? []
  }

  /// The next row that is not empty; nil behind the last.
  ///
  /// - Throws: `FileError` where reading fails; ``UsageError`` where a quote is never closed.
  func next() throws -> [String]? {
    while var line = try reader.next()?.bytes {
      if line.isEmpty || line == [UInt8(ascii: "\r")] { continue }
      let first = reader.count
      while true {
        if let values = Self.values(of: line, separator) { return values }
        guard line.count < 1 << 20, let further = try reader.next()?.bytes else {
          throw UsageError("\(reader.name):\(first): a quote is opened and not closed")
        }
        line += [UInt8(ascii: "\n")] + further
      }
    }
    return nil
  }

  /// The values of a row; nil where a quote is still open at its end.
  private static func values(of line: [UInt8], _ separator: UInt8) -> [String]? {
    let quote = UInt8(ascii: "\"")
    var values = [[UInt8]]()
    var value = [UInt8]()
    var isQuoted = false
    var index = line.startIndex
    let end = line.last == UInt8(ascii: "\r") ? line.endIndex - 1 : line.endIndex
    while index < end {
      let byte = line[index]
      let isDoubled = byte == quote && isQuoted && index + 1 < end && line[index + 1] == quote
      switch byte {
      case quote where isDoubled:
        value.append(quote)
        index += 1
      case quote where isQuoted || value.isEmpty: isQuoted.toggle()
      case separator where !isQuoted:
        values.append(value)
        value = []
      default: value.append(byte)
      }
      index += 1
    }
    return isQuoted ? nil : (values + [value]).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A row of comma-separated values (RFC 4180), with its line feed.
  static func row(_ values: [String]) -> [UInt8] {
    let quoted = values.map { value in
      value.contains { ",\"\r\n".contains($0) || $0 == "\r\n" }
        ? "\"\(value.replacing("\"", with: "\"\""))\"" : value
    }
    return Array((quoted.joined(separator: ",") + "\n").utf8)
  }
}
