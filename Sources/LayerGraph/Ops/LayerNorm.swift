import CKernels
import Tensors

/// y = γ ⊙ (x − mean x) / √(var x + ε) + β over the last axis (Ba, Kiros, Hinton 2016).
struct LayerNorm: Op {
  let gamma: Tensor  // [C]
  let beta: Tensor  // [C]
  let epsilon: Float

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try channelsLast(inputs, count: gamma.count)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let columns = gamma.count
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        gamma.withScalars { gamma in
          beta.withScalars { beta in
            Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
              let start = rows.lowerBound * columns
              vitcam_layer_norm(x.base + start, gamma.base, beta.base, epsilon, y.base + start, rows.count, columns)
            }
          }
        }
      }
    }
  }

  /// ∂x = (g − mean g − x̂ ⊙ mean(g ⊙ x̂)) / σ with g = γ ⊙ ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let columns = gamma.count
    let result = Tensor(unfilled: x.shape) { result in
      x.withScalars { x in
        gamma.withScalars { gamma in
          gradient.withScalars { gradient in
            Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
              let start = rows.lowerBound * columns
              vitcam_layer_norm_backward(
                x.base + start, gamma.base, epsilon, gradient.base + start, result.base + start, rows.count, columns)
            }
          }
        }
      }
    }
    return [result]
  }
}

extension LayerNorm: RelevanceOp {
  /// ∂x = (g − mean g) / σ with g = γ ⊙ ∂y: the standard deviation is constant.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    guard rules.normsAreConstant else { return backward(gradient, inputs: inputs, output: output) }
    let x = inputs[0]
    let columns = gamma.count
    let result = Tensor(unfilled: x.shape) { result in
      x.withScalars { x in
        gamma.withScalars { gamma in
          gradient.withScalars { gradient in
            Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
              let start = rows.lowerBound * columns
              vitcam_layer_norm_relevance(
                x.base + start, gamma.base, epsilon, gradient.base + start, result.base + start, rows.count, columns)
            }
          }
        }
      }
    }
    return [result]
  }
}

extension GraphBuilder {
  /// Layer normalisation over the last axis with given weights, a scalar for each of its channels.
  public func layerNorm(_ name: String, _ x: Value, gamma: Tensor, beta: Tensor, epsilon: Float) -> Value {
    append(name, LayerNorm(gamma: gamma, beta: beta, epsilon: epsilon), [x])
  }

  /// Layer normalisation over the last axis: `name.weight` and `name.bias`.
  public func layerNorm(_ name: String, _ x: Value, epsilon: Float = 1e-6) -> Value {
    let channels: Shape = [x.shape[-1]]
    let op = LayerNorm(
      gamma: parameter("\(name).weight", channels), beta: parameter("\(name).bias", channels), epsilon: epsilon)
    return append(name, op, [x])
  }
}
