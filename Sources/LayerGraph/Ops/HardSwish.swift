import CKernels
import Tensors

/// y = x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, MobileNetV3).
struct HardSwish: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_hard_swish($0, $1, $2) }
  }

  /// ∂x = ∂y (x / 3 + 1/2) where −3 < x < 3, ∂y above and 0 below.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [inputs[0].combined(with: gradient) { vitcam_hard_swish_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// x min(max(x + 3, 0), 6) / 6.
  public func hardSwish(_ name: String, _ x: Value) -> Value {
    append(name, HardSwish(), [x])
  }
}
