import Tensors

/// The same scalars under another shape.
struct Reshape: Op {
  let shape: Shape

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let found = try single(inputs)
    guard found.count == shape.count else { throw ShapeError("\(found) cannot be reshaped to \(shape)") }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].reshaped(to: shape.batched(inputs[0].batchCount))
  }

  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [gradient.reshaped(to: inputs[0].shape)]
  }
}

extension Reshape: PlacedOp {
  /// They are moved alike. Last axes along which nothing changes are left out of it, most often those of channels and heads.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    let (kept, made) = axesBeforeConstantOnes(inputs[0], shapes[0])
    let before = Shape(Array(shapes[0].extents[..<kept]) + [Int](repeating: 1, count: shapes[0].rank - kept))
    let after = Shape(Array(shape.extents[..<made]) + [Int](repeating: 1, count: shape.rank - made))
    return inputs[0].mapped { $0.expanded(to: before).reshaped(to: after) }
  }

  /// How many axes before and after stand in front of last ones that hold as much and along which places are constant.
  private func axesBeforeConstantOnes(_ places: Places, _ old: Shape) -> (before: Int, after: Int) {
    var found = (before: old.rank, after: shape.rank)
    var (before, after) = (old.rank, shape.rank)
    var (oldCount, newCount) = (1, 1)
    while before > 0, after > 0 {
      if oldCount <= newCount {
        before -= 1
        guard places.isConstant(along: before) else { return found }
        oldCount *= old[before]
      } else {
        after -= 1
        newCount *= shape[after]
      }
      if oldCount == newCount, oldCount > 1 || old[before] == 1 { found = (before, after) }
    }
    return found
  }
}

extension Value {
  /// The same scalars under another shape (of one sample).
  public func reshaped(to shape: Shape) -> Value {
    builder.append("reshape", Reshape(shape: shape), [self])
  }
}
