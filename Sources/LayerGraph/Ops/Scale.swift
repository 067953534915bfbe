import CKernels
import Tensors

/// y = factor · x.
struct Scale: Op {
  let factor: Float

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0] * factor
  }

  /// ∂x = factor · ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [gradient * factor]
  }
}

extension Value {
  /// Every scalar times a factor.
  public static func * (value: Value, factor: Float) -> Value {
    value.builder.append("mul", Scale(factor: factor), [value])
  }
}
