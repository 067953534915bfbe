import CKernels
import Tensors

extension Attention {
  /// The gradients of queries, keys and values, each in its place in the gradient of the input that it is read from. With the
  /// weights p, computed anew: ∂v = pᵀ · ∂y, ∂s = p ⊙ (∂p − Σ ∂p ⊙ p) where ∂p = ∂y · vᵀ, ∂q = f ∂s · k, ∂k = f ∂sᵀ · q.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let matrices = result.offsets.count
    let scratch = packedCount + kernelScratch + 2 * queriesAtOnce * keys.matrices.rows
    return Tensor.zeros(inputs.map(\.shape)) { gradients in
      Tensor.withScalars(of: inputs + [gradient]) { inputs in
        Workers.current.forEach(output.batchCount * matrices, scratch: scratch) { index, scratch in
          let (sample, matrix) = (index / matrices, index % matrices)
          func slot(_ operand: Operand) -> Slot {
            let place = sample * inputShapes[operand.input].count + operand.matrices.offsets[matrix]
            return Slot(
              value: inputs[operand.input] + place, gradient: gradients[operand.input] + place,
              stride: operand.matrices.rowStride)
          }
          withKernel(matrix, of: sample, inputs, packingInto: scratch) { kernel in
            addGradients(
              &kernel, queries: slot(queries), keys: slot(keys), values: slot(values),
              output: inputs[inputs.count - 1] + sample * resultShape.count + result.offsets[matrix],
              scratch: scratch + packedCount)
          }
        }
      }
    }
  }

  /// A matrix of an operand, and where its gradient goes.
  private struct Slot {
    let value: UnsafePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let stride: Int
  }

  /// So many that their weights and the gradients of these fit the second-level cache.
  private var queriesAtOnce: Int { min(result.rows, max(Self.rowsOfBlock, (1 << 16) / keys.matrices.rows)) }

  /// Adds the gradients of one matrix, some queries at a time.
  private func addGradients(
    _ kernel: inout VitcamAttention, queries: Slot, keys: Slot, values: Slot, output: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (keyCount, width, valueWidth) = (kernel.key_count, kernel.width, kernel.value_width)
    let weights = scratch + kernelScratch
    let scores = weights + queriesAtOnce * keyCount
    for first in stride(from: 0, to: result.rows, by: queriesAtOnce) {
      let count = min(queriesAtOnce, result.rows - first)
      for row in stride(from: 0, to: count, by: Self.rowsOfBlock) {
        vitcam_attention_weights(
          &kernel, queries.value + (first + row) * queries.stride, first + row, min(Self.rowsOfBlock, count - row),
          scratch, weights + row * keyCount)
      }
      let q = MatrixOperand(queries.value + first * queries.stride, stride: queries.stride)
      let k = MatrixOperand(keys.value, stride: keys.stride)
      let v = MatrixOperand(values.value, stride: values.stride)
      let p = MatrixOperand(weights, stride: keyCount)
      let dy = MatrixOperand(output + first * result.rowStride, stride: result.rowStride)
      MatrixMultiplication.multiply(
        p.transposed, dy, into: values.gradient, outStride: values.stride, rows: keyCount, columns: valueWidth,
        depth: count, accumulate: true)
      MatrixMultiplication.multiply(
        dy, v.transposed, into: scores, outStride: keyCount, rows: count, columns: keyCount, depth: valueWidth)
      vitcam_softmax_backward(weights, scores, scores, count, keyCount)
      let ds = MatrixOperand(scores, stride: keyCount)
      MatrixMultiplication.multiply(
        ds, k, into: queries.gradient + first * queries.stride, outStride: queries.stride, rows: count,
        columns: width, depth: keyCount, scale: factor, accumulate: true)
      MatrixMultiplication.multiply(
        ds.transposed, q, into: keys.gradient, outStride: keys.stride, rows: keyCount, columns: width, depth: count,
        scale: factor, accumulate: true)
    }
  }
}
