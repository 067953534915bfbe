import CKernels
import Tensors

/// The largest value in each window of each channel.
struct MaxPool: Op {
  let window: SlidingWindow

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    let extent = try window.output(height: map.height, width: map.width)
    return [map.channels, extent.height, extent.width]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let (height, width) = (inputs[0].shape[-2], inputs[0].shape[-1])
    let stride = window.stride.width
    return inputs[0].pooled(by: window) { plane, row, result in
      result.update(repeating: -.infinity)
      window.forEachTap(ofRow: row, columns: result.count, height: height, width: width) { inside, start in
        guard let first = inside.first else { return }
        vitcam_raise(result.base + first, plane + start + first * stride, stride, inside.count)
      }
    }
  }

  /// ∂y goes to the first of the largest values of each window.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let (height, width) = (x.shape[-2], x.shape[-1])
    let stride = window.stride.width
    return x.withScalars { scalars in
      [
        gradient.unpooled(to: x.shape) { planeStart, row, gradient, result in
          let plane = scalars.base + planeStart
          withUnsafeTemporaryAllocation(of: Int.self, capacity: gradient.count) { winners in
            winners.initialize(repeating: -1)
            window.forEachTap(ofRow: row, columns: gradient.count, height: height, width: width) { inside, start in
              for column in inside {
                let place = start + column * stride
                let winner = winners[column]
                if winner < 0 || !(plane[winner] >= plane[place] || plane[winner].isNaN) { winners[column] = place }
              }
            }
            for column in 0..<gradient.count where winners[column] >= 0 {
              result[winners[column]] += gradient[column]
            }
          }
        }
      ]
    }
  }
}

extension GraphBuilder {
  /// The largest value in each window.
  public func maxPool(
    _ name: String, _ x: Value, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false
  ) -> Value {
    let window = SlidingWindow(
      kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding), dilation: Extent(1), roundsUp: roundsUp)
    return append(name, MaxPool(window: window), [x])
  }
}
