import CKernels
import Tensors

/// y = x Φ(x), with the exact Φ of the normal distribution (Hendrycks and Gimpel 2016).
struct GELU: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_gelu($0, $1, $2) }
  }

  /// ∂x = ∂y (Φ(x) + x φ(x)).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [inputs[0].combined(with: gradient) { vitcam_gelu_backward($0, $1, $2, $3) }]
  }
}

extension GraphBuilder {
  /// The exact GELU.
  public func gelu(_ name: String, _ x: Value) -> Value {
    append(name, GELU(), [x])
  }
}
