import Tensors

/// The names of a model's classes.
public enum Labels {
  /// Reads a text file with a class name per line.
  ///
  /// - Parameter count: the number of classes of the model.
  /// - Throws: `FileError` where it cannot be read; ``LabelsError`` where it has another number of lines.
  public static func read(_ path: String, count: Int) throws -> [String] {
    let file = try MappedFile(path: path)
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    // To Swift a carriage return and a line feed are one character.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == count else {
      throw LabelsError("\(path): expected \(count) labels, one a line, found \(lines.count)")
    }
    return lines
  }
}

/// A file of labels that does not fit a model.
public struct LabelsError: Error, Equatable, CustomStringConvertible {
  /// One line: the file, what was expected and what was found.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
