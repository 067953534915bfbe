import Synchronization

/// Where the time of runs goes, op by op.
///
/// Runs inside `Profile.$current.withValue(profile) { ... }` are added up in it.
public final class Profile: Sendable {
  /// Whether results were computed or gradients.
  public enum Phase: String, Sendable {
    case forward, backward
  }

  /// What one node of a plan has cost.
  public struct Entry: Sendable {
    /// The node's name; that of the last one where a plan has put several into one step.
    public let node: String
    /// The op, such as `Linear`.
    public let op: String
    /// Whether results were computed or gradients.
    public let phase: Phase
    /// How often it ran.
    public internal(set) var count: Int
    /// How long it took in all.
    public internal(set) var duration: Duration
  }

  /// The profile that runs started here are added to.
  @TaskLocal public static var current: Profile?

  private let state = Mutex<[String: Entry]>([:])

  /// An empty profile.
  public init() {}

  /// What was measured, the costliest first.
  public var entries: [Entry] {
    state.withLock { $0.values.sorted { ($0.duration, $1.node) > ($1.duration, $0.node) } }
  }

  /// The entries added up by op and phase, the costliest first; the node's name is the op's.
  public var byOp: [Entry] {
    var sums = [String: Entry]()
    for entry in entries {
      let key = "\(entry.op) \(entry.phase)"
      var sum = sums[key] ?? Entry(node: entry.op, op: entry.op, phase: entry.phase, count: 0, duration: .zero)
      sum.count += entry.count
      sum.duration += entry.duration
      sums[key] = sum
    }
    return sums.values.sorted { ($0.duration, $1.op) > ($1.duration, $0.op) }
  }

  /// Runs `body` and adds its time to the node's entry of the current profile, where there is one.
  static func measure<Result>(_ node: Node, _ phase: Phase, _ body: () -> Result) -> Result {
    guard let current else { return body() }
    let clock = ContinuousClock()
    let start = clock.now
    let result = body()
    current.add(node, phase, clock.now - start)
    return result
  }

  private func add(_ node: Node, _ phase: Phase, _ duration: Duration) {
    state.withLock { entries in
      let op = String(describing: type(of: node.op))
      // A plan can have several steps of one name: a result, and the same with its axes permuted.
      let key = "\(node.name) \(op) \(phase)"
      let none = Entry(node: node.name, op: op, phase: phase, count: 0, duration: .zero)
      entries[key, default: none].count += 1
      entries[key, default: none].duration += duration
    }
  }
}
