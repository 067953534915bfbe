import Synchronization

/// Counts the runs of models that something costs: `RunTally.$current.withValue(tally) { ... }` counts those of the scope.
public final class RunTally: Sendable {
  /// What was counted, each sample of a batch for itself.
  public struct Counts: Hashable, Sendable {
    /// Runs of a whole model, from its input on.
    public var forward = 0
    /// Runs of the rest of a model, from an inner layer on.
    public var tail = 0
    /// Gradients, from the output back to the layers that were asked for.
    public var backward = 0
  }

  /// What counts the runs that are started here, if anything does.
  @TaskLocal public static var current: RunTally?

  private let state = Mutex(Counts())

  /// Nothing is counted yet.
  public init() {}

  /// What was counted so far.
  public var counts: Counts { state.withLock { $0 } }

  func add(_ kind: WritableKeyPath<Counts, Int> & Sendable, samples: Int) {
    state.withLock { $0[keyPath: kind] += samples }
  }
}
