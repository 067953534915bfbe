import Tensors

/// y = factor · a · b, or factor · a · bᵀ, for each of a batch of matrices: the last two axes are rows and columns, the axes
/// before them count matrices (heads of an attention).
struct MatrixProduct: Op {
  let factor: Float
  /// Whether the right operand is stored transposed, as the keys of an attention are.
  let transposesRight: Bool

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2, inputs[0].rank >= 2, inputs[0].rank == inputs[1].rank,
      inputs[0].extents.dropLast(2) == inputs[1].extents.dropLast(2),
      inputs[0][-1] == (transposesRight ? inputs[1][-1] : inputs[1][-2])
    else {
      throw ShapeError("expected two stacks of matrices whose inner extents agree, found \(inputs)")
    }
    return Shape(inputs[0].extents.dropLast() + [transposesRight ? inputs[1][-2] : inputs[1][-1]])
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let columns = transposesRight ? inputs[1].shape[-2] : inputs[1].shape[-1]
    let right = StackedMatrices(inputs[1], transposed: transposesRight)
    return StackedMatrices(inputs[0]).times(
      right, factor: factor, shape: Shape(inputs[0].shape.extents.dropLast() + [columns]))
  }

  /// ∂a = f ∂y · bᵀ and ∂b = f aᵀ · ∂y; for a stored transpose ∂b = f ∂yᵀ · a.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let a = StackedMatrices(inputs[0])
    let aTransposed = StackedMatrices(inputs[0], transposed: true)
    let bTransposed = StackedMatrices(inputs[1], transposed: !transposesRight)
    let left = StackedMatrices(gradient).times(bTransposed, factor: factor, shape: inputs[0].shape)
    let right =
      transposesRight
      ? StackedMatrices(gradient, transposed: true).times(a, factor: factor, shape: inputs[1].shape)
      : aTransposed.times(StackedMatrices(gradient), factor: factor, shape: inputs[1].shape)
    return [left, right]
  }
}

extension MatrixProduct: RelevanceOp {
  /// Half of the derivative for each operand, or the derivative: where attention maps are constant, it ends at their softmax.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    backward(rules.attention == .halved ? gradient * 0.5 : gradient, inputs: inputs, output: output)
  }
}

extension MatrixProduct: PlacedOp {
  /// Rows of the product lie where those of the left operand lie: scores and what attention gives lie where the queries do.
  /// Where these lie nowhere, as in attention between channels, columns lie where those of the right operand do.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    let last = shapes[0].rank - 1
    if !inputs[0].isNone, inputs[0].isConstant(along: last) { return inputs[0] }
    guard !inputs[1].isNone else { return .none(rank: shapes[0].rank) }
    if transposesRight {
      guard inputs[1].isConstant(along: last) else { return .none(rank: shapes[0].rank) }
      return inputs[1].moved(by: Permute(axes: Array(0..<last - 1) + [last, last - 1]), from: shapes[1])
    }
    return inputs[1].isConstant(along: last - 1) ? inputs[1] : .none(rank: shapes[0].rank)
  }
}

/// A tensor read as many matrices, each as it is stored or transposed.
private struct StackedMatrices {
  let tensor: Tensor
  let isTransposed: Bool

  init(_ tensor: Tensor, transposed: Bool = false) {
    self.tensor = tensor
    isTransposed = transposed
  }

  var rows: Int { isTransposed ? tensor.shape[-1] : tensor.shape[-2] }
  var columns: Int { isTransposed ? tensor.shape[-2] : tensor.shape[-1] }

  private func operand(_ index: Int, in scalars: UnsafeBufferPointer<Float>) -> MatrixOperand {
    let size = tensor.shape[-2] * tensor.shape[-1]
    let operand = MatrixOperand(scalars.base + index * size, stride: max(1, tensor.shape[-1]))
    return isTransposed ? operand.transposed : operand
  }

  /// The products: one matrix a thread at a time, or each on all threads where there are fewer of them.
  func times(_ right: StackedMatrices, factor: Float, shape: Shape) -> Tensor {
    let size = shape[-2] * shape[-1]
    return Tensor(unfilled: shape) { result in
      tensor.withScalars { a in
        right.tensor.withScalars { b in
          let matrices = size == 0 ? 0 : shape.count / size
          if matrices < Workers.current.count {
            for index in 0..<matrices {
              MatrixMultiplication.multiplyInParallel(
                operand(index, in: a), right.operand(index, in: b), into: result.base + index * size,
                outStride: shape[-1], rows: rows, columns: right.columns, depth: columns, scale: factor)
            }
            return
          }
          Workers.current.forEach(matrices) { index in
            MatrixMultiplication.multiply(
              operand(index, in: a), right.operand(index, in: b), into: result.base + index * size,
              outStride: shape[-1], rows: rows, columns: right.columns, depth: columns, scale: factor)
          }
        }
      }
    }
  }
}

extension GraphBuilder {
  /// factor · left · right for each matrix of the last two axes, or factor · left · rightᵀ.
  public func matrixProduct(
    _ name: String, _ left: Value, _ right: Value, factor: Float = 1, transposingRight: Bool = false
  ) -> Value {
    append(name, MatrixProduct(factor: factor, transposesRight: transposingRight), [left, right])
  }
}
