import CKernels
import Tensors

/// y = min(max(x + 3, 0), 6) / 6: straight pieces in place of the sigmoid (Howard et al. 2019, MobileNetV3).
struct HardSigmoid: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_hard_sigmoid($0, $1, $2) }
  }

  /// ∂x = ∂y / 6 where −3 < x < 3, else 0.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [inputs[0].combined(with: gradient) { vitcam_hard_sigmoid_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// min(max(x + 3, 0), 6) / 6.
  public func hardSigmoid(_ name: String, _ x: Value) -> Value {
    append(name, HardSigmoid(), [x])
  }
}
