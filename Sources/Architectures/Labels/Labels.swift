import Checkpoints
import Tensors

/// The names of a model's classes.
public enum Labels {
  /// Reads the names of a file: text with a name per line, CSV or TSV with a row per class, or JSON, which is a list, or
  /// names by numbers (`id2label`), or numbers by names (`label2id`).
  ///
  /// - Parameter count: the number of classes of the model.
  /// - Throws: `FileError` where it cannot be read; ``LabelsError`` where it does not say which class is which, or names
  ///   another number of them.
  public static func read(_ path: String, count: Int) throws -> [String] {
    let file = try MappedFile(path: path)
    let bytes = withExtendedLifetime(file) { Array(file.bytes) }
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let labels: [String]
    if let first = text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }), first == 0x5B || first == 0x7B {
      labels = try JSONLabels(file: path, count: count).names(of: Array(text))
    } else {
      labels = try LabelTable(file: path, count: count, lines(of: text)).names()
    }
    guard labels.count == count else {
      throw LabelsError("\(path): expected \(count) labels, found \(labels.count)")
    }
    return labels
  }

  /// The lines of a text, without empty ones at its end.
  private static func lines(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { $0.last == 0x0D ? $0.dropLast() : $0 }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

extension [Int: String] {
  /// Names by number in the order of the numbers.
  ///
  /// - Throws: ``LabelsError`` where the numbers are not 0, 1, 2, ... up to `count`.
  func ordered(count: Int, file: String) throws(LabelsError) -> [String] {
    guard let lowest = keys.min(), let highest = keys.max() else {
      throw LabelsError("\(file): expected \(count) labels, found none")
    }
    guard lowest == 0, highest == self.count - 1 else {
      throw LabelsError(
        "\(file): expected \(count) labels with the numbers 0 to \(count - 1), found \(self.count) with \(lowest) to \(highest)"
      )
    }
    return sorted { $0.key < $1.key }.map(\.value)
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
