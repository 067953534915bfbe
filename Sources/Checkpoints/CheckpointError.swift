import Tensors

/// Why a checkpoint, or one of its tensors, could not be read.
public struct CheckpointError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The file as it was named by the caller; empty when the tensors never were in a file.
  public let file: String
  /// What is wrong, what was expected and found, and what to try, in one line.
  public let problem: String

  /// An error in a file. Text that came from the file must have passed ``Swift/StringProtocol/quoted`` before.
  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  /// One line: the file and the problem.
  public var description: String {
    file.isEmpty ? problem : "\(file.printable): \(problem)"
  }
}

extension StringProtocol {
  /// The text between single quotes, fit for one line of an error message whatever a file put into it.
  package var quoted: String {
    let limit = 120
    let shown = String(String.UnicodeScalarView(unicodeScalars.prefix(limit))).printable
    return unicodeScalars.dropFirst(limit).isEmpty ? "'\(shown)'" : "'\(shown)…'"
  }
}
