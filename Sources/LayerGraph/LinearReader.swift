import Tensors

extension Graph {
  /// The linear layer that is all that reads a node's result, and its weights, outputs×inputs; nil where others do.
  public func linearReader(of node: NodeID) -> (node: NodeID, weight: Tensor)? {
    let readers = nodes.indices.filter { nodes[$0].inputs.contains(node) }
    guard node != output, readers.count == 1, let linear = nodes[readers[0]].op as? Linear else { return nil }
    return (readers[0], linear.weight)
  }
}
