import CKernels
import Tensors

/// y = length · x / max(‖x‖, ε) over the last axis: the directions that cosine attention compares (Liu et al. 2022, "Swin
/// Transformer V2", equation 2).
struct UnitLength: Op {
  /// The length of the result, for each of the matrices that the axis before the last two counts (heads); nil for 1.
  let lengths: [Float]?
  /// What PyTorch divides by at least.
  private let epsilon: Float = 1e-12

  init(lengths: [Float]? = nil) {
    self.lengths = lengths
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank > 0, lengths == nil || (shape.rank > 2 && shape[-3] == lengths?.count) else {
      throw ShapeError("expected \(lengths?.count ?? 1) heads of vectors, found \(shape)")
    }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let columns = x.shape[-1]
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        forEachHead(of: inputs[0].shape) { rows, length in
          let start = rows.lowerBound * columns
          vitcam_unit_length(x.base + start, length, epsilon, y.base + start, rows.count, columns)
        }
      }
    }
  }

  /// ∂x = length · (∂y − x̂ Σ ∂y ⊙ x̂) / ‖x‖ with x̂ = x / ‖x‖.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let columns = x.shape[-1]
    let result = Tensor(unfilled: x.shape) { result in
      x.withScalars { x in
        gradient.withScalars { gradient in
          forEachHead(of: inputs[0].shape) { rows, length in
            let start = rows.lowerBound * columns
            vitcam_unit_length_backward(
              x.base + start, length, epsilon, gradient.base + start, result.base + start, rows.count, columns)
          }
        }
      }
    }
    return [result]
  }

  /// Calls `body` on all threads with the rows of each head and the length that they get.
  private func forEachHead(of shape: Shape, _ body: (_ rows: Range<Int>, _ length: Float) -> Void) {
    let rows = shape.rank > 1 ? shape[-2] : 1
    let matrices = shape.count / (rows * shape[-1])
    Workers.current.forEachRange(of: matrices, grain: max(1, (1 << 13) / (rows * shape[-1]))) { range in
      for matrix in range {
        let length = lengths.map { $0[matrix % $0.count] } ?? 1
        body(matrix * rows..<(matrix + 1) * rows, length)
      }
    }
  }
}

extension UnitLength: RelevanceOp {
  /// ∂x = length · ∂y / max(‖x‖, ε): the length is constant, and y / x is the factor between them.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    guard rules.normsAreConstant else { return backward(gradient, inputs: inputs, output: output) }
    let x = inputs[0]
    let columns = x.shape[-1]
    let result = Tensor(unfilled: x.shape) { result in
      x.withScalars { x in
        gradient.withScalars { gradient in
          forEachHead(of: inputs[0].shape) { rows, length in
            for row in rows {
              let start = row * columns
              let norm = vitcam_dot(x.base + start, x.base + start, columns).squareRoot()
              vitcam_affine(gradient.base + start, length / max(norm, epsilon), 0, result.base + start, columns)
            }
          }
        }
      }
    }
    return [result]
  }
}

extension GraphBuilder {
  /// The vectors of the last axis brought to length 1, or to the length of their head: with lengths, the axis before the
  /// last two counts heads.
  public func unitLength(_ name: String, _ x: Value, lengths: [Float]? = nil) -> Value {
    append(name, UnitLength(lengths: lengths), [x])
  }
}
