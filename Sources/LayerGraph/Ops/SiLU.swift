import CKernels
import Tensors

/// y = x / (1 + exp(−x)), also called Swish (Elfwing, Uchibe, Doya 2018).
struct SiLU: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_silu($0, $1, $2) }
  }

  /// ∂x = ∂y σ(x) (1 + x (1 − σ(x))).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [inputs[0].combined(with: gradient) { vitcam_silu_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// x / (1 + exp(−x)).
  public func silu(_ name: String, _ x: Value) -> Value {
    append(name, SiLU(), [x])
  }
}
