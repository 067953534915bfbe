import Synchronization
import VitCAM

/// A line on the terminal that says how far long work has come. Nothing is shown for a single picture that takes no further
/// runs of the model, or where nobody looks.
final class ProgressLine: Sendable {
  /// Something that takes many steps of one kind.
  private struct Phase {
    let name: String
    let start = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
  }

  private struct State {
    /// The place of the picture that is worked on, from 1.
    var picture = 0
    var name = ""
    var phase: Phase?
  }

  private let count: Int
  private let isShown: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  init(count: Int, isQuiet: Bool) {
    self.count = count
    isShown = !isQuiet && StandardError.isTerminal
  }

  /// Shows which picture is worked on now.
  func show(_ name: String) {
    guard isShown else { return }
    state.withLock { state in
      let left = Self.timeLeft(done: state.picture, of: count, since: start)
      state.picture += 1
      state.name = name
      state.phase = nil
      guard count > 1 else { return }
      StandardError.write("\r\u{1b}[K\(state.picture) of \(count)\(left): \(name.printable)")
    }
  }

  /// Shows how far a slow method has come with that picture, a few times each second.
  func report(_ progress: Progress) {
    guard isShown else { return }
    state.withLock { state in
      var phase = progress.done > 0 ? state.phase ?? Phase(name: progress.method) : Phase(name: progress.method)
      let now = ContinuousClock.now
      defer { state.phase = phase }
      // Work that is done in a moment needs no line.
      guard now - (phase.lastShown ?? phase.start) > .milliseconds(200) else { return }
      phase.lastShown = now
      let left = Self.timeLeft(done: progress.done, of: progress.count, since: phase.start)
      let picture = count > 1 ? "\(state.picture) of \(count): " : ""
      let run = "\(phase.name), run \(progress.done) of \(progress.count)\(left)"
      StandardError.write("\r\u{1b}[K\(picture)\(state.name.printable): \(run)")
    }
  }

  /// Clears the line, so that something else can be printed.
  func clear() {
    guard isShown else { return }
    StandardError.write("\r\u{1b}[K")
  }

  /// An estimate of the time left, once something is done: `, 12 s left`.
  private static func timeLeft(done: Int, of count: Int, since start: ContinuousClock.Instant) -> String {
    guard done > 0 else { return "" }
    let seconds = ((ContinuousClock.now - start) / done * (count - done)).milliseconds / 1000
    return ", \(Int(seconds) + 1) s left"
  }
}
