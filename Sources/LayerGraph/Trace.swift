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

  /// The results of one sample of the batch, as a batch of one. What is the same for all samples stays.
  public func sample(_ index: Int) -> Trace {
    var trace = self
    trace.results = results.mapValues { $0.batchCount > 1 ? $0.samples(index..<index + 1) : $0 }
    return trace
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
