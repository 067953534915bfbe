extension Graph {
  /// The nodes that give attention maps, in the model's order: each is a softmax whose result multiplies the values.
  ///
  /// One sample of such a result is heads × queries × keys, or windows × heads × queries × keys.
  public var attentionNodes: [NodeID] {
    let weights = Set(nodes.compactMap { $0.op is MatrixProduct ? $0.inputs.first : nil })
    return nodes.indices.filter { nodes[$0].op is Softmax && nodes[$0].shape.rank >= 3 && weights.contains($0) }
  }
}
