/// Where in a graph a convolution or linear layer is, as far as rules of relevance ask.
struct ProductPlace {
  /// Whether it is the first one.
  var isFirst = false
  /// Whether its input comes from an activation, by way of pooling, gates and changes of shape at most.
  var isBehindActivation = false
}

extension Graph {
  /// The place of a node, if it is a product.
  func productPlace(of id: NodeID, first: NodeID?) -> ProductPlace {
    guard nodes[id].op.isProduct else { return ProductPlace() }
    return ProductPlace(isFirst: id == first, isBehindActivation: comesFromActivation(nodes[id].inputs[0]))
  }

  private func comesFromActivation(_ id: NodeID) -> Bool {
    let node = nodes[id]
    if node.op.isRectifier || (node.op as? any FinishedProduct)?.ending.activation?.isRectifier ?? false { return true }
    if node.op is Concatenate { return node.inputs.allSatisfy(comesFromActivation) }
    return node.op.keepsSigns && comesFromActivation(node.inputs[0])
  }
}

extension Op {
  /// Whether this is a convolution or linear layer, whatever plans have made of it.
  var isProduct: Bool { self is any SumOfProducts || self is any RelevanceProduct || self is FoldedConvolution }

  /// Whether what comes from an activation is still mostly positive behind this op, whose first input it is.
  fileprivate var keepsSigns: Bool {
    switch self {
    case is Reshape, is Permute, is Slice, is Padding, is MaxPool, is AveragePool, is AdaptiveAveragePool,
      is GlobalPool,
      is Mean, is ChannelsLastPool, is ChannelsLastGlobalPool, is Multiply, is ChannelGate:
      true
    default: false
    }
  }
}
