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
        norm.scale.withScalars { scale in
          norm.shift.withScalars { shift in
            Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
              let start = rows.lowerBound * columns
              vitcam_affine_columns(x.base + start, scale.base, shift.base, y.base + start, rows.count, columns)
              ending.finish(y.base + start, count: rows.count * columns)
            }
          }
        }
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

extension BatchNorm: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape]) -> (any Op)? { ChannelsLastBatchNorm(norm: self) }
}
