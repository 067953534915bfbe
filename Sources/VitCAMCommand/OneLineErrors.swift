import ArgumentParser
import VitCAM

/// Errors as the command prints them: one line on standard error.
enum OneLineErrors {
  /// Prints an error and ends the process with status 1, or 2 where the command was used wrongly. A request for help is
  /// answered on standard output and ends with 0.
  static func exit(with error: any Error) -> Never {
    switch VitCAMCommand.exitCode(for: error) {
    case .success: VitCAMCommand.exit(withError: error)
    case .validationFailure:
      let message = VitCAMCommand.message(for: error)
      report((message.hasSuffix(".") ? String(message.dropLast()) : message) + "; `vitcam --help` shows examples")
      VitCAMCommand.exit(withError: ExitCode(2))
    default:
      if error is ExitCode { VitCAMCommand.exit(withError: error) }
      report("\(error)")
      VitCAMCommand.exit(withError: ExitCode(isWrongUse(error) ? 2 : 1))
    }
  }

  /// Prints an error that does not end the process.
  static func report(_ error: any Error) {
    report("\(error)")
  }

  /// Says in one line what is worth knowing and no failure.
  static func note(_ text: String) {
    report("note: \(text)")
  }

  private static func report(_ text: String) {
    let line = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }.joined(separator: " ")
    StandardError.write("vitcam: \(line.printable)\n")
  }

  private static func isWrongUse(_ error: any Error) -> Bool {
    error is UsageError || error is UnknownModel || error is UnknownTag || error is UnknownMethod
      || error is TargetError
      || error is LayerPathError || error is MethodError || error is UnreachableLayer || error is ReshapeError
      || error is GroundTruthError
  }
}
