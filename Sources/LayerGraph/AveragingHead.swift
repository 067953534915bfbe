import Tensors

extension Graph {
  /// The features that the model's head averages, and their average, where nothing but the average and linear layers is
  /// between the features and the output (a sigmoid of the output aside); nil for other heads.
  ///
  /// - Parameter isMap: whether a node's result is a map of the picture.
  public func averagingHead(of isMap: (NodeID) -> Bool) -> (features: NodeID, average: NodeID)? {
    var average = output
    while !nodes[average].op.isAverage {
      guard nodes[average].op.isLinearOrShape || (average == output && endsInSigmoid) else { return nil }
      average = nodes[average].inputs[0]
    }
    var features = nodes[average].inputs[0]
    while !isMap(features) {
      guard nodes[features].op is Reshape || nodes[features].op is Slice else { return nil }
      features = nodes[features].inputs[0]
    }
    return (features, average)
  }
}

extension Op {
  /// Whether it is the mean over all places of a map, or over all tokens.
  fileprivate var isAverage: Bool {
    switch self {
    case let pool as GlobalPool: pool.kind == .average
    case let pool as AdaptiveAveragePool: pool.grid.height == 1 && pool.grid.width == 1
    case let mean as Mean: mean.axis == 0
    default: false
    }
  }

  fileprivate var isLinearOrShape: Bool { self is Linear || self is Reshape }
}
