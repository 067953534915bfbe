import CKernels
import Tensors

extension Attention {
  /// The gradients of queries, keys and values, each in its place in the gradient of the input that it is read from. With the
  /// weights p, computed anew: ∂v = pᵀ · ∂y, ∂s = p ⊙ (∂p − Σ ∂p ⊙ p) where ∂p = ∂y · vᵀ, ∂q = f ∂s · k, ∂k = f ∂sᵀ · q.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    gradients(gradient, inputs: inputs, output: output, shares: Shares())
  }

  /// What becomes of the gradients on their way back.
  private struct Shares {
    /// Whether queries and keys get nothing.
    var valuesOnly = false
    /// What each product multiplies them by.
    var ofProduct: Float = 1
  }

  /// The gradients of queries, keys and values, changed on their way; those that are left out are zero.
  private func gradients(_ gradient: Tensor, inputs: [Tensor], output: Tensor, shares: Shares) -> [Tensor] {
    let (samples, matrices) = (output.batchCount, result.offsets.count)
    // The same whatever the number of threads, so that this changes no bit.
    let parts = max(1, result.rows / 1024)
    let keyScalars = keys.matrices.rows * keys.matrices.columns
    let sumCount = keyScalars + values.matrices.rows * values.matrices.columns
    let gradients = Tensor.zeros(inputs.map(\.shape) + [[samples * matrices, parts, sumCount]]) { gradients in
      let sums = gradients[inputs.count]
      Tensor.withScalars(of: inputs + [gradient]) { inputs in
        Workers.current.forEach(samples * matrices * parts, scratch: gradientScratch) { index, scratch in
          let (item, part) = (index / parts, index % parts)
          addGradients(
            item % matrices, of: item / matrices, inputs, gradients,
            queries: result.rows * part / parts..<result.rows * (part + 1) / parts,
            keySums: sums + index * sumCount, valueSums: sums + index * sumCount + keyScalars, shares: shares,
            scratch: scratch)
        }
      }
      Workers.current.forEach(samples * matrices) { item in
        for part in 0..<parts {
          let sums = sums + (item * parts + part) * sumCount
          if !shares.valuesOnly { add(sums, to: keys, item % matrices, of: item / matrices, gradients) }
          add(sums + keyScalars, to: values, item % matrices, of: item / matrices, gradients)
        }
      }
    }
    return Array(gradients.dropLast())
  }

  /// So many that their weights and the gradients of these fit the second-level cache.
  private var queriesAtOnce: Int { min(result.rows, max(Int(VITCAM_PANEL_ROWS), (1 << 16) / keys.matrices.rows)) }

  private var packedKeys: Int {
    StridedMatrix.packedCount(columns: keys.matrices.rows, depth: keys.matrices.columns)
  }

  private var gradientScratch: Int { packedKeys + kernelScratch + 2 * queriesAtOnce * keys.matrices.rows }

  /// Adds the gradients of some queries of a matrix where they belong, and those of its keys and values to matrices of their
  /// own. The last of `inputs` is the gradient of the result.
  private func addGradients(
    _ matrix: Int, of sample: Int, _ inputs: [UnsafePointer<Float>], _ gradients: [UnsafeMutablePointer<Float>],
    queries range: Range<Int>, keySums: UnsafeMutablePointer<Float>, valueSums: UnsafeMutablePointer<Float>,
    shares: Shares, scratch: UnsafeMutablePointer<Float>
  ) {
    let (k, v) = (keys(matrix, of: sample, inputs), values(matrix, of: sample, inputs))
    let allQueries = queries(matrix, of: sample, inputs)
    let results = result.matrix(matrix, of: inputs[inputs.count - 1] + sample * resultShape.count)
    let queryGradients = gradients[queries.input] + (allQueries.base - inputs[queries.input])
    let weights = scratch + packedKeys + kernelScratch
    let scores = weights + queriesAtOnce * k.rows
    let (p, ds) = (MatrixOperand(weights, stride: k.rows), MatrixOperand(scores, stride: k.rows))
    k.packTransposed(into: scratch)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: queriesAtOnce) {
      let rows = first..<min(range.upperBound, first + queriesAtOnce)
      let (q, dy) = (allQueries.rows(rows), results.rows(rows))
      weigh(matrix, q, from: first, keys: scratch, scratch: scratch + packedKeys, into: weights)
      MatrixMultiplication.multiply(
        p.transposed, dy.operand, into: valueSums, outStride: v.columns, rows: k.rows, columns: v.columns,
        depth: rows.count, accumulate: true)
      if shares.valuesOnly { continue }
      MatrixMultiplication.multiply(
        dy.operand, v.operand.transposed, into: scores, outStride: k.rows, rows: rows.count, columns: k.rows,
        depth: v.columns)
      vitcam_softmax_backward(weights, scores, scores, rows.count, k.rows)
      MatrixMultiplication.multiply(
        ds, k.operand, into: queryGradients + first * q.stride, outStride: q.stride, rows: rows.count,
        columns: k.columns, depth: k.rows, scale: factor * shares.ofProduct, accumulate: true)
      MatrixMultiplication.multiply(
        ds.transposed, q.operand, into: keySums, outStride: k.columns, rows: k.rows, columns: k.columns,
        depth: rows.count, scale: factor * shares.ofProduct, accumulate: true)
    }
  }

  /// The weights of the keys for some queries, rows that lie together.
  private func weigh(
    _ matrix: Int, _ q: StridedMatrix, from first: Int, keys: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, into weights: UnsafeMutablePointer<Float>
  ) {
    withKernel(matrix, keys: keys, values: nil) { kernel in
      for row in stride(from: 0, to: q.rows, by: Int(VITCAM_PANEL_ROWS)) {
        vitcam_attention_weights(
          &kernel, q.base + row * q.stride, first + row, min(Int(VITCAM_PANEL_ROWS), q.rows - row), scratch,
          weights + row * kernel.key_count)
      }
    }
  }

  /// Adds a matrix to the gradient of an operand.
  private func add(
    _ sums: UnsafePointer<Float>, to operand: Operand, _ matrix: Int, of sample: Int,
    _ gradients: [UnsafeMutablePointer<Float>]
  ) {
    let matrices = operand.matrices
    let place = gradients[operand.input] + sample * inputShapes[operand.input].count + matrices.offsets[matrix]
    for row in 0..<matrices.rows {
      let target = place + row * matrices.rowStride
      vitcam_add(target, sums + row * matrices.columns, target, matrices.columns)
    }
  }
}

extension Attention: RelevanceOp {
  /// Only the values get a share where attention maps are constant; each product halves it where operands share alike.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    switch rules.attention {
    case .derivative: backward(gradient, inputs: inputs, output: output)
    case .constant: gradients(gradient, inputs: inputs, output: output, shares: Shares(valuesOnly: true))
    case .halved: gradients(gradient * 0.5, inputs: inputs, output: output, shares: Shares(ofProduct: 0.5))
    }
  }
}
