import CKernels
import Tensors

/// y = softmax(factor · q · kᵀ + bias) · v for each head (Vaswani et al. 2017), and each window, a few queries at a time: their
/// scores never leave the cache.
///
/// Architectures write attention as its products and the softmax, so that attention maps are nodes. Plans put this in their
/// place where nobody reads them. Queries, keys and values are read where the layers before have left them, and the result
/// is written as the next one reads it.
struct Attention: Op {
  /// Matrices, rows × width of a head each, within one of the inputs.
  struct Operand {
    let input: Int
    let matrices: StridedMatrices
  }

  let queries: Operand
  let keys: Operand
  let values: Operand
  let factor: Float
  let bias: ScoreBias
  /// The shapes of the inputs.
  let inputShapes: [Shape]
  /// Where the products are within the result.
  let result: StridedMatrices
  let resultShape: Shape

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs == inputShapes else { throw ShapeError("expected \(inputShapes), found \(inputs)") }
    return resultShape
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let (samples, matrices) = (inputs[0].batchCount, result.offsets.count)
    let blocks = Self.blocks(of: result.rows)
    let parts = parts(of: samples * matrices, blocks: blocks)
    let packedKeys = StridedMatrix.packedCount(columns: keys.matrices.rows, depth: keys.matrices.columns)
    let packed = packedKeys + StridedMatrix.packedCount(columns: values.matrices.columns, depth: values.matrices.rows)
    return Tensor(unfilled: resultShape.batched(samples)) { y in
      Tensor.withScalars(of: inputs) { inputs in
        Workers.current.forEach(samples * matrices * parts, scratch: packed + kernelScratch) { index, scratch in
          let (item, part) = (index / parts, index % parts)
          let (sample, matrix) = (item / matrices, item % matrices)
          let place = y.base + sample * resultShape.count + result.offsets[matrix]
          let (k, v) = (keys(matrix, of: sample, inputs), values(matrix, of: sample, inputs))
          let q = queries(matrix, of: sample, inputs)
          k.prefetch()
          v.prefetch()
          q.prefetch()
          k.packTransposed(into: scratch)
          v.pack(into: scratch + packedKeys)
          withKernel(matrix, keys: scratch, values: scratch + packedKeys) { kernel in
            for block in blocks * part / parts..<blocks * (part + 1) / parts {
              let first = result.rows * block / blocks
              vitcam_attend(
                &kernel, q.base + first * q.stride, first, result.rows * (block + 1) / blocks - first,
                scratch + packed, place + first * result.rowStride)
            }
          }
        }
      }
    }
  }

  /// How many threads share the queries of a matrix: one, unless there are few matrices, because each of them packs all keys
  /// and values.
  private func parts(of matrices: Int, blocks: Int) -> Int {
    let threads = Workers.current.count
    return threads == 1 ? 1 : max(1, min(blocks / 8, 4 * threads / matrices))
  }

  /// How many blocks the kernel needs for so many queries.
  static func blocks(of queries: Int) -> Int { (queries + Int(VITCAM_PANEL_ROWS) - 1) / Int(VITCAM_PANEL_ROWS) }

  // MARK: Operands

  func queries(_ matrix: Int, of sample: Int, _ inputs: [UnsafePointer<Float>]) -> StridedMatrix {
    self.matrix(matrix, of: queries, sample, inputs)
  }

  func keys(_ matrix: Int, of sample: Int, _ inputs: [UnsafePointer<Float>]) -> StridedMatrix {
    self.matrix(matrix, of: keys, sample, inputs)
  }

  func values(_ matrix: Int, of sample: Int, _ inputs: [UnsafePointer<Float>]) -> StridedMatrix {
    self.matrix(matrix, of: values, sample, inputs)
  }

  private func matrix(
    _ index: Int, of operand: Operand, _ sample: Int, _ inputs: [UnsafePointer<Float>]
  ) -> StridedMatrix {
    operand.matrices.matrix(index, of: inputs[operand.input] + sample * inputShapes[operand.input].count)
  }

  // MARK: The kernel

  /// Calls `body` with what the kernel needs to attend in one of the matrices, given its packed keys, and its packed values
  /// where these are read.
  func withKernel(
    _ matrix: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>?, _ body: (inout VitcamAttention) -> Void
  ) {
    var kernel = kernel
    kernel.keys = keys
    kernel.values = values
    bias.withRows(of: matrix) { bias, stride, parts in
      kernel.bias = bias
      kernel.bias_stride = stride
      kernel.parts = parts
      body(&kernel)
    }
  }

  private var kernel: VitcamAttention {
    var kernel = VitcamAttention()
    kernel.key_count = keys.matrices.rows
    kernel.width = keys.matrices.columns
    kernel.value_width = values.matrices.columns
    kernel.factor = factor
    kernel.query_stride = queries.matrices.rowStride
    kernel.out_stride = result.rowStride
    return kernel
  }

  /// How many floats the kernel itself needs.
  var kernelScratch: Int { withUnsafePointer(to: kernel) { vitcam_attention_scratch($0) } }
}
