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
    file.isEmpty ? problem : "\(file.printable(limit: 1000)): \(problem)"
  }
}

extension StringProtocol {
  /// The text between single quotes, fit for one line of an error message whatever a file put into it.
  var quoted: String { "'\(printable(limit: 120))'" }

  /// The text with control characters, line breaks and invisible direction marks escaped, and its middle left out when
  /// it is long.
  func printable(limit: Int) -> String {
    var result = ""
    let scalars = unicodeScalars.prefix(limit + 1)
    for scalar in scalars.prefix(limit) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return scalars.count > limit ? result + "…" : result
  }
}
