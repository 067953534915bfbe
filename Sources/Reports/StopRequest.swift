import Synchronization

/// Asks long work to come to an end: what is under way is finished or dropped whole.
public final class StopRequest: Sendable {
  private let requested = Atomic(false)

  /// A request that nobody has made yet.
  public init() {}

  /// Whether the work should end.
  public var isMade: Bool { requested.load(ordering: .acquiring) }

  /// Asks the work to end. It can be asked from any thread, and more than once.
  public func make() { requested.store(true, ordering: .releasing) }
}
