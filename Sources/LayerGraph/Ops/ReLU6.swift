import CKernels
import Tensors

/// y = min(max(x, 0), 6), the activation of MobileNets.
struct ReLU6: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_relu6($0, $1, $2) }
  }

  /// ∂x = ∂y where 0 < y < 6, else 0.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [output.combined(with: gradient) { vitcam_relu6_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// min(max(x, 0), 6).
  public func relu6(_ name: String, _ x: Value) -> Value {
    append(name, ReLU6(), [x])
  }
}
