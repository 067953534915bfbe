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

extension Value {
  /// The same scalars under another shape (of one sample).
  public func reshaped(to shape: Shape) -> Value {
    builder.append("reshape", Reshape(shape: shape), [self])
  }
}
