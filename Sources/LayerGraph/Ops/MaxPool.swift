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
    let x = inputs[0]
    return x.pooled(by: window) { plane, row, column in
      var largest = -Float.infinity
      window.forEachTap(row: row, column: column, height: x.shape[-2], width: x.shape[-1]) { y, x in
        let value = plane[y * width(of: inputs) + x]
        if value > largest || value.isNaN { largest = value }
      }
      return largest
    }
  }

  private func width(of inputs: [Tensor]) -> Int { inputs[0].shape[-1] }

  /// ∂y goes to the first of the largest values of each window.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let width = x.shape[-1]
    return x.withScalars { scalars in
      [
        gradient.unpooled(to: x.shape) { plane, row, column, value, result in
          var largest = -Float.infinity
          var place: Int?
          window.forEachTap(row: row, column: column, height: x.shape[-2], width: width) { y, x in
            let candidate = scalars[plane * result.count + y * width + x]
            if candidate > largest || place == nil {
              largest = candidate
              place = y * width + x
            }
          }
          if let place { result[place] += value }
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
