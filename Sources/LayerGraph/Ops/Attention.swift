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
    let matrices = result.offsets.count
    let samples = inputs[0].batchCount
    let blocks = (result.rows + Self.rowsOfBlock - 1) / Self.rowsOfBlock
    let parts = parts(of: samples * matrices, blocks: blocks)
    return Tensor(unfilled: resultShape.batched(samples)) { y in
      Tensor.withScalars(of: inputs) { inputs in
        Workers.current.forEach(samples * matrices * parts, scratch: packedCount + kernelScratch) { index, scratch in
          let (item, part) = (index / parts, index % parts)
          let (sample, matrix) = (item / matrices, item % matrices)
          let queries = start(of: matrix, in: queries, sample, inputs)
          let place = y.base + sample * resultShape.count + result.offsets[matrix]
          vitcam_prefetch_rows(queries, self.queries.matrices.rowStride, result.rows, self.queries.matrices.columns)
          withKernel(matrix, of: sample, inputs, packingInto: scratch) { kernel in
            for block in blocks * part / parts..<blocks * (part + 1) / parts {
              let rows = result.rows * block / blocks..<result.rows * (block + 1) / blocks
              vitcam_attend(
                &kernel, queries + rows.lowerBound * kernel.query_stride, rows.lowerBound, rows.count,
                scratch + packedCount, place + rows.lowerBound * result.rowStride)
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

  // MARK: The kernel

  static let rowsOfBlock = Int(VITCAM_PANEL_ROWS)
  private static let panel = Int(VITCAM_PANEL_COLUMNS)

  /// Where a matrix of an operand begins in a sample.
  private func start(
    of matrix: Int, in operand: Operand, _ sample: Int, _ inputs: [UnsafePointer<Float>]
  ) -> UnsafePointer<Float> {
    inputs[operand.input] + sample * inputShapes[operand.input].count + operand.matrices.offsets[matrix]
  }

  /// Calls `body` with all that the kernel needs to attend in one of the matrices of a sample.
  func withKernel(
    _ index: Int, of sample: Int, _ inputs: [UnsafePointer<Float>], packingInto packed: UnsafeMutablePointer<Float>,
    _ body: (inout VitcamAttention) -> Void
  ) {
    var kernel = kernel
    pack(
      keys: start(of: index, in: keys, sample, inputs), into: packed,
      values: start(of: index, in: values, sample, inputs), into: packed + packedKeys)
    kernel.keys = UnsafePointer(packed)
    kernel.values = UnsafePointer(packed + packedKeys)
    bias.withRows(of: index) { bias, stride, parts in
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

  /// How many floats the keys and values of a matrix take when they are packed.
  var packedCount: Int { packedKeys + Self.whole(values.matrices.columns) * values.matrices.rows }
  private var packedKeys: Int { Self.whole(keys.matrices.rows) * keys.matrices.columns }

  /// As many columns as whole panels have.
  private static func whole(_ columns: Int) -> Int { (columns + panel - 1) / panel * panel }

  private func pack(
    keys: UnsafePointer<Float>, into packedKeys: UnsafeMutablePointer<Float>,
    values: UnsafePointer<Float>, into packedValues: UnsafeMutablePointer<Float>
  ) {
    let (count, width, valueWidth) = (kernel.key_count, kernel.width, kernel.value_width)
    let (keyStride, valueStride) = (self.keys.matrices.rowStride, self.values.matrices.rowStride)
    // Rows lie apart, so that the processor does not see by itself what comes next.
    vitcam_prefetch_rows(keys, keyStride, count, width)
    vitcam_prefetch_rows(values, valueStride, count, valueWidth)
    for key in stride(from: 0, to: count, by: Self.panel) {
      vitcam_pack_panel(
        keys + key * keyStride, keyStride, min(Self.panel, count - key), width, packedKeys + key * width)
    }
    for column in stride(from: 0, to: valueWidth, by: Self.panel) {
      vitcam_pack_rows(
        values + column, valueStride, min(Self.panel, valueWidth - column), count, packedValues + column * count)
    }
  }
}
