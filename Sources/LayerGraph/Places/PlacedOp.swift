import Tensors

/// An op that says where its results lie in the picture, given where its inputs lie.
///
/// Of ops that do not say it, results of the first input's shape lie where that lies, and others nowhere.
protocol PlacedOp: Op {
  /// The places of the result.
  ///
  /// - Parameters:
  ///   - inputs: those of the inputs.
  ///   - shapes: the shapes of one sample of the inputs.
  func places(of inputs: [Places], shapes: [Shape]) -> Places
}

/// An op that only moves scalars.
protocol MovingOp: PlacedOp {}

extension MovingOp {
  /// They are moved alike.
  func places(of inputs: [Places], shapes: [Shape]) -> Places { inputs[0].moved(by: self, from: shapes[0]) }
}

extension WindowPartition: MovingOp {}
extension WindowReversal: MovingOp {}

extension Op {
  /// The places of a result of some shape.
  func resultPlaces(of inputs: [Places], shapes: [Shape], result: Shape) -> Places {
    if let placed = self as? any PlacedOp { return placed.places(of: inputs, shapes: shapes) }
    return shapes.first == result ? inputs[0] : .none(rank: result.rank)
  }
}
