import CKernels
import Tensors

/// y = 1 / (1 + exp(−x)).
struct Sigmoid: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { vitcam_sigmoid($0, $1, $2) }
  }

  /// ∂x = ∂y ⊙ y ⊙ (1 − y).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let slope = output.mapped { y, slope, count in
      for index in 0..<count { slope[index] = y[index] * (1 - y[index]) }
    }
    return [gradient * slope]
  }
}

extension GraphBuilder {
  /// 1 / (1 + exp(−x)).
  public func sigmoid(_ name: String, _ x: Value) -> Value {
    append(name, Sigmoid(), [x])
  }
}
