/// Measures how long something takes.
public struct Stopwatch: Sendable {
  private let start = ContinuousClock.now

  /// A stopwatch that runs from now on.
  public init() {}

  /// The time since it was made.
  public var elapsed: Duration { ContinuousClock.now - start }
}

extension Duration {
  /// The duration in milliseconds, to a hundredth.
  public var milliseconds: Double {
    let (seconds, attoseconds) = components
    return ((Double(seconds) * 1e3 + Double(attoseconds) / 1e15) * 100).rounded() / 100
  }
}
