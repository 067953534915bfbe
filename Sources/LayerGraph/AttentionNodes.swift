extension Graph {
  /// The nodes that give attention maps, in the model's order: each is a softmax whose result multiplies the values.
  ///
  /// One sample of such a result is heads × queries × keys, or windows × heads × queries × keys.
  public var attentionNodes: [NodeID] {
    let weights = Set(nodes.compactMap { $0.op is MatrixProduct ? $0.inputs.first : nil })
    return nodes.indices.filter { nodes[$0].op is Softmax && nodes[$0].shape.rank >= 3 && weights.contains($0) }
  }
}

extension Graph {
  /// The keys of an attention: the node that its scores are made of, and the axis of a sample along which they are counted.
  public func keys(ofAttention node: NodeID) -> (node: NodeID, axis: Int)? {
    var scores = node
    while !(nodes[scores].op is MatrixProduct) {
      guard let input = nodes[scores].inputs.first, nodes[input].shape == nodes[node].shape else { return nil }
      scores = input
    }
    guard let product = nodes[scores].op as? MatrixProduct, nodes[scores].inputs.count == 2 else { return nil }
    let keys = nodes[scores].inputs[1]
    return (keys, nodes[keys].shape.rank - (product.transposesRight ? 2 : 1))
  }
}
