import CKernels
import Tensors

/// y = scale ⊙ x + shift over the last axis: batch norm of maps with channels last, H×W×C.
struct ChannelsLastBatchNorm: FinishedProduct {
  let norm: BatchNorm
  var ending = ProductEnding()
  var takesAddend: Bool { false }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try channelsLast(inputs, count: norm.scale.count)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let columns = norm.scale.count
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        withRows { rows in
          Tensor.forEachRow(of: x.count / columns, columns: columns) { range in
            let start = range.lowerBound * columns
            rows.apply(
              to: x.base + start, stride: columns, columns: 0..<columns, rows: range.count, into: y.base + start,
              stride: columns)
          }
        }
      }
    }
  }

  /// Calls `body` with what normalises rows of maps.
  func withRows<Result>(_ body: (NormalizedRows) -> Result) -> Result {
    norm.scale.withScalars { scale in
      norm.shift.withScalars { shift in
        body(NormalizedRows(scale: scale.base, shift: shift.base, finish: ending.finish))
      }
    }
  }

  /// ∂x = scale ⊙ ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) {
      ChannelsLastBatchNorm(norm: norm).forward(inputs)
    }
    return LayerScale(gamma: norm.scale).backward(gradient, inputs: inputs, output: output)
  }
}

/// y = finish(scale ⊙ x + shift) for some columns of some rows.
struct NormalizedRows {
  let scale: UnsafePointer<Float>
  let shift: UnsafePointer<Float>
  let finish: RowProduct.Finish

  /// Normalises `columns` of rows; `x` and `y` begin with the first of them.
  func apply(
    to x: UnsafePointer<Float>, stride: Int, columns: Range<Int>, rows: Int, into y: UnsafeMutablePointer<Float>,
    stride resultStride: Int
  ) {
    let bounds = finish.bounds ?? -.infinity ... .infinity
    var parameters = VitcamAffineColumns(
      columns: columns.count, scale: scale + columns.lowerBound, shift: shift + columns.lowerBound,
      lowest: bounds.lowerBound, highest: bounds.upperBound)
    vitcam_affine_columns(&parameters, x, stride, y, resultStride, rows)
    if case .mapped = finish {
      for row in 0..<rows { finish.apply(to: y + row * resultStride, count: columns.count) }
    }
  }
}

extension BatchNorm: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)? { ChannelsLastBatchNorm(norm: self) }
}
