import Synchronization

/// The plans of one graph, each made when it is first asked for.
public final class Plans: Sendable {
  private struct Key: Hashable {
    let kept: Set<NodeID>
    let targets: Set<NodeID>
    let rules: RelevanceRules?
  }

  /// The graph as it is written down.
  public let graph: Graph
  private let plans = Mutex<[Key: Plan]>([:])
  private let weights = PackedWeights()

  /// No plans yet of a graph.
  public init(_ graph: Graph) {
    self.graph = graph
  }

  /// The plan that keeps some nodes besides the input and the output, see ``Plan/init(_:keeping:differentiatingAt:rules:)``.
  public func plan(
    keeping kept: Set<NodeID> = [], differentiatingAt targets: Set<NodeID> = [], rules: RelevanceRules? = nil
  ) -> Plan {
    let key = Key(kept: kept.union(targets).union([graph.output]), targets: targets, rules: rules)
    return plans.withLock { plans in
      if let plan = plans[key] { return plan }
      let plan = Plan(graph, keeping: key.kept, differentiatingAt: targets, rules: rules, weights: weights)
      plans[key] = plan
      return plan
    }
  }
}
