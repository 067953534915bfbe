import Tensors

/// The results that a run kept, by node.
public struct Trace: Sendable {
  private var results: [NodeID: Tensor] = [:]

  /// A trace without results.
  public init() {}

  /// The result of a node, batch first, where it was kept.
  public subscript(node: NodeID) -> Tensor? {
    get { results[node] }
    set { results[node] = newValue }
  }

  /// The nodes whose results are here.
  public var nodes: Set<NodeID> { Set(results.keys) }
}

/// Which results a run keeps. The others are freed after their last use.
public enum Retention: Sendable {
  /// Every node's.
  case all
  /// Those of some nodes, and no node is computed that they do not need.
  case only(Set<NodeID>)
}
