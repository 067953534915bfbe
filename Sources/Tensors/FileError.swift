#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that could not be read or written: which, and why, in one line.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was attempted.
  public enum Attempt: String, Sendable {
    case read
    case write
  }

  /// What was attempted.
  public let attempt: Attempt
  /// The path as the caller gave it.
  public let path: String
  /// Why it failed, without the path: `No such file or directory`.
  public let reason: String

  /// A failure to read or write the file at `path`.
  public init(_ attempt: Attempt, _ path: String, reason: String) {
    self.attempt = attempt
    self.path = path
    self.reason = reason
  }

  /// A failure for which the system left its error number.
  public init(_ attempt: Attempt, _ path: String, errorNumber: Int32) {
    self.init(attempt, path, reason: String(cString: strerror(errorNumber)))
  }

  /// `cannot read scan.png: No such file or directory`
  public var description: String { "cannot \(attempt) \(path.printable): \(reason)" }
}

extension String {
  /// This text on one line, safe for a terminal: control characters, as a hostile file may hold them, become `\u{1b}`.
  public var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
