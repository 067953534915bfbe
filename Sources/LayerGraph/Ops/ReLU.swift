import CKernels
import Tensors

/// y = max(x, 0).
struct ReLU: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].relu()
  }

  /// ∂x = ∂y where y > 0, else 0.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [output.combined(with: gradient) { vitcam_relu_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// max(x, 0).
  public func relu(_ name: String, _ x: Value) -> Value {
    append(name, ReLU(), [x])
  }
}
