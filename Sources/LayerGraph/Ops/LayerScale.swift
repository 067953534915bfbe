import CKernels
import Tensors

/// y = γ ⊙ x over the last axis (Touvron et al. 2021, "Going deeper with image transformers", equation 4).
struct LayerScale: Op {
  let gamma: Tensor  // [C]

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try channelsLast(inputs, count: gamma.count)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    scaled(inputs[0])
  }

  /// ∂x = γ ⊙ ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [scaled(gradient)]
  }

  private func scaled(_ x: Tensor) -> Tensor {
    let columns = gamma.count
    return Tensor(unfilled: x.shape) { result in
      gamma.withScalars { gamma in
        x.withScalars { x in
          Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
            let start = rows.lowerBound * columns
            vitcam_scale_columns(x.base + start, gamma.base, result.base + start, rows.count, columns)
          }
        }
      }
    }
  }
}

extension GraphBuilder {
  /// Scales each channel of the last axis; the weights are `name.gamma`.
  public func layerScale(_ name: String, _ x: Value) -> Value {
    append(name, LayerScale(gamma: parameter("\(name).gamma", [x.shape[-1]])), [x])
  }
}
