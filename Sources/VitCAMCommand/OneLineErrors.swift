import ArgumentParser
import VitCAM

/// Errors as the command prints them: one line on standard error.
enum OneLineErrors {
  /// Runs `body`; what it throws is reported in one line and becomes exit status 1, or 2 where the command was used
  /// wrongly.
  static func catching(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let status as ExitCode {
      throw status
    } catch {
      report(error)
      throw ExitCode(isWrongUse(error) ? 2 : 1)
    }
  }

  /// Prints an error.
  static func report(_ error: any Error) {
    StandardError.write("vitcam: \(error)".replacing("\n", with: " ").printable + "\n")
  }

  private static func isWrongUse(_ error: any Error) -> Bool {
    error is UnknownModel || error is UnknownMethod || error is TargetError || error is LayerPathError
      || error is UsageError || error is ReshapeError
  }
}

/// Options that do not go together.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
