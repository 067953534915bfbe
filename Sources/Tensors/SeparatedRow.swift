/// A row of values with commas between them, as RFC 4180 describes them; tabs and semicolons are understood too.
///
/// A value in double quotes may hold separators, line feeds, and quotes, which are doubled.
public enum SeparatedRow {
  /// What separates the values of a table, by its first row.
  public static func separator(in first: [UInt8]) -> UInt8 {
    let separators: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    return separators.first { first.contains($0) } ?? separators[0]
  }

  /// The values of a row; nil where a quote is still open at its end.
  public static func values(of line: [UInt8], separator: UInt8) -> [String]? {
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

  /// A row of values with commas between them, with its line feed.
  public static func text(_ values: [String]) -> [UInt8] {
    let quoted = values.map { value in
      value.contains { ",\"\r\n".contains($0) || $0 == "\r\n" }
        ? "\"\(value.replacing("\"", with: "\"\""))\"" : value
    }
    return Array((quoted.joined(separator: ",") + "\n").utf8)
  }
}
