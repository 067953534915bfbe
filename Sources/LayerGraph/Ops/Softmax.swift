import CKernels
import Tensors

/// y = exp(x) / Σ exp(x) over the last axis.
struct Softmax: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank > 0, shape[-1] > 0 else { throw ShapeError("expected a last axis to normalise, found \(shape)") }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let columns = x.shape[-1]
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
          let start = rows.lowerBound * columns
          vitcam_softmax(x.base + start, y.base + start, rows.count, columns)
        }
      }
    }
  }

  /// ∂x = y ⊙ (∂y − Σ ∂y ⊙ y).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let columns = output.shape[-1]
    let result = Tensor(unfilled: output.shape) { result in
      output.withScalars { y in
        gradient.withScalars { gradient in
          Tensor.forEachRow(of: y.count / columns, columns: columns) { rows in
            let start = rows.lowerBound * columns
            vitcam_softmax_backward(
              y.base + start, gradient.base + start, result.base + start, rows.count, columns)
          }
        }
      }
    }
    return [result]
  }
}

extension Softmax: RelevanceOp {
  /// Nothing goes back where attention maps are constant.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    rules.attention == .constant ? [] : backward(gradient, inputs: inputs, output: output)
  }
}

extension GraphBuilder {
  /// Softmax over the last axis.
  public func softmax(_ name: String, _ x: Value) -> Value {
    append(name, Softmax(), [x])
  }
}
