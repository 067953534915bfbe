import Synchronization
import VitCAM

/// How far a batch has come: a line on the terminal, the first failures, and a last line with its speed.
final class BatchProgress: Sendable {
  /// Failures beyond these are found in `errors.jsonl` only.
  private static let failuresShown = 10

  private let count: Int
  private let stopwatch = Stopwatch()
  private let failures = Atomic(0)

  /// - Parameter count: the number of pictures.
  init(count: Int) {
    self.count = count
  }

  func report(_ progress: BatchRun.Progress, _ reasons: [String]) {
    if StandardError.isTerminal { StandardError.write("\r\u{1b}[K") }
    for reason in reasons {
      let number = failures.wrappingAdd(1, ordering: .relaxed).newValue
      if number <= Self.failuresShown { OneLineErrors.report(TextError(reason)) }
      if number == Self.failuresShown { OneLineErrors.note("further failures are listed in errors.jsonl only") }
    }
    guard StandardError.isTerminal, progress.pictures < count else { return }
    let done = progress.explained + progress.failed
    let left = count - progress.pictures
    let seconds = done > 0 ? Int((stopwatch.elapsed / done * left).milliseconds / 1000) + 1 : 0
    StandardError.write("\(progress.pictures) of \(count)\(done > 0 ? ", \(seconds) s left" : "")")
  }

  /// Says what was done and how fast.
  func finish(_ progress: BatchRun.Progress) {
    let seconds = stopwatch.elapsed.milliseconds / 1000
    var line = "\(progress.explained) of \(count) pictures explained in \(Float(seconds).brief) s"
    if progress.explained > 0 {
      line += ", \(Float(Double(progress.explained) / seconds).brief) each second"
      line += ", \((progress.bytes / progress.explained + 512) / 1024) KiB each"
    }
    if progress.skipped > 0 { line += "; \(progress.skipped) were done before" }
    if progress.failed > 0 { line += "; \(progress.failed) failed" }
    if progress.pictures < count { line += "; \(count - progress.pictures) are left, --resume goes on with them" }
    OneLineErrors.note(line)
  }
}

/// An error that is known by its words only.
private struct TextError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
