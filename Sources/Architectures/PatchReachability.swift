import LayerGraph
import Tensors

extension Model {
  /// Whether the score can depend on what a layer says of the picture's places.
  ///
  /// It cannot where nothing mixes tokens any more and only tokens that are no patches go on: behind the last attention of
  /// a model whose classifier reads the class token. The gradient there is exactly zero.
  public func gradientReachesPatches(of layer: NodeID) -> Bool {
    guard case .tokens(let leading, _) = layout(of: layer), leading > 0 else { return true }
    var frontier: Set<NodeID> = [layer]
    for (id, node) in graph.nodes.enumerated() where !frontier.isDisjoint(with: node.inputs) {
      switch node.op.tokenFlow {
      case .separate: frontier.insert(id)
      case .only(let tokens) where tokens.upperBound <= leading: continue
      case .only, .mixed: return true
      }
    }
    return false
  }
}

extension FeatureLayout {
  /// The number of places of a layer whose samples have this shape.
  func places(of shape: Shape) -> Int {
    switch self {
    case .channelsFirst: shape[1] * shape[2]
    case .channelsLast: shape[0] * shape[1]
    case .tokens(_, let grid): grid.count
    case .windows: shape[0] * shape[1]
    case .arranged(let arrangement): arrangement.grid.count
    }
  }
}
