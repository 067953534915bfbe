import Tensors

/// The mean of each window of each channel.
struct AveragePool: Op {
  let window: SlidingWindow
  /// Whether zeros of the padding count as values.
  let countsPadding: Bool

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try pooledShape(for: inputs, window: window)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let (height, width) = (inputs[0].shape[-2], inputs[0].shape[-1])
    let stride = window.stride.width
    return inputs[0].pooled(by: window) { plane, row, result in
      result.update(repeating: 0)
      let sum = result.base
      window.forEachTap(ofRow: row, columns: result.count, height: height, width: width) { inside, start in
        for column in inside { sum[column] += plane[start + column * stride] }
      }
      for column in 0..<result.count {
        sum[column] /= divisor(row: row, column: column, height: height, width: width)
      }
    }
  }

  /// ∂y, shared out evenly over its window.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let (height, width) = (inputs[0].shape[-2], inputs[0].shape[-1])
    let stride = window.stride.width
    return [
      gradient.unpooled(to: inputs[0].shape) { _, row, gradient, result in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: gradient.count) { shares in
          for column in 0..<gradient.count {
            shares[column] = gradient[column] / divisor(row: row, column: column, height: height, width: width)
          }
          window.forEachTap(ofRow: row, columns: gradient.count, height: height, width: width) { inside, start in
            for column in inside { result[start + column * stride] += shares[column] }
          }
        }
      }
    ]
  }

  /// How many values the mean at an output place is over. A window that hangs over the padding's end, as rounding up
  /// allows, is cut there.
  func divisor(row: Int, column: Int, height: Int, width: Int) -> Float {
    let border = countsPadding ? window.trailingPadding : Extent(0)
    func taps(_ place: Int, _ stride: Int, _ padding: Int, _ kernel: Int, _ border: Int, _ size: Int) -> Int {
      let start = place * stride - padding
      return min(start + kernel, size + border) - (countsPadding ? start : max(start, 0))
    }
    let rows = taps(row, window.stride.height, window.padding.height, window.kernel.height, border.height, height)
    let columns = taps(column, window.stride.width, window.padding.width, window.kernel.width, border.width, width)
    return Float(rows * columns)
  }
}

extension AveragePool: PlacedOp {
  func places(of inputs: [Places], shapes: [Shape]) -> Places { inputs[0].means(under: window, of: shapes[0]) }
}

extension GraphBuilder {
  /// The mean in each place of a window.
  public func averagePool(_ name: String, _ x: Value, window: SlidingWindow, countsPadding: Bool) -> Value {
    append(name, AveragePool(window: window, countsPadding: countsPadding), [x])
  }

  /// The mean of each window.
  public func averagePool(
    _ name: String, _ x: Value, kernel: Int, stride: Int, padding: Int = 0, roundsUp: Bool = false,
    countsPadding: Bool = true
  ) -> Value {
    let window = SlidingWindow(
      kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding), dilation: Extent(1), roundsUp: roundsUp)
    return append(name, AveragePool(window: window, countsPadding: countsPadding), [x])
  }
}
