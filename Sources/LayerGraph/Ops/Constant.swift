import Tensors

/// A part of the model that is the same for every picture, such as a class token: a batch of one, broadcast to the batch
/// of what it is combined with.
struct Constant: Op {
  let value: Tensor  // one sample, without a batch axis

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    value.shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    value.reshaped(to: value.shape.batched(1))
  }

  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    []
  }
}

extension GraphBuilder {
  /// A tensor that is the same for every picture; `value` has no batch axis.
  public func constant(_ name: String, _ value: Tensor) -> Value {
    append(name, Constant(value: value), [])
  }
}
