import CKernels
import Tensors

/// The largest value in each window of each channel.
struct MaxPool: Op {
  let window: SlidingWindow

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try pooledShape(for: inputs, window: window)
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
    let result = x.withScalars { scalars in
      gradient.unpooled(to: x.shape) { planeStart, row, gradient, result in
        withWinners(count: gradient.count) { largest, winners in
          let plane = scalars.base + planeStart
          window.forEachTap(ofRow: row, columns: gradient.count, height: height, width: width) { inside, start in
            guard let first = inside.first else { return }
            let place = start + first * stride
            vitcam_raise_places(largest + first, winners + first, plane + place, Int32(place), stride, inside.count)
          }
          for column in 0..<gradient.count where winners[column] >= 0 {
            result[Int(winners[column])] += gradient[column]
          }
        }
      }
    }
    return [result]
  }

  /// Buffers for the largest values of a row and for where they are, which nothing is known of yet.
  private func withWinners(
    count: Int, _ body: (_ largest: UnsafeMutablePointer<Float>, _ winners: UnsafeMutablePointer<Int32>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { largest in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { winners in
        largest.initialize(repeating: 0)
        winners.initialize(repeating: -1)
        body(largest.base, winners.base)
      }
    }
  }
}

extension MaxPool: PlacedOp {
  func places(of inputs: [Places], shapes: [Shape]) -> Places { inputs[0].means(under: window, of: shapes[0]) }
}

extension GraphBuilder {
  /// The largest value in each place of a window.
  public func maxPool(_ name: String, _ x: Value, window: SlidingWindow) -> Value {
    append(name, MaxPool(window: window), [x])
  }

  /// The largest value in each window.
  public func maxPool(
    _ name: String, _ x: Value, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false
  ) -> Value {
    let window = SlidingWindow(
      kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding), dilation: Extent(1), roundsUp: roundsUp)
    return append(name, MaxPool(window: window), [x])
  }
}
