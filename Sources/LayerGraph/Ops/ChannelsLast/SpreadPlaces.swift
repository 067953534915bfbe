import Tensors

extension Tensor {
  /// Maps B×H×W×C whose places lie a stride apart, with zeros between them and behind them.
  ///
  /// - Parameters:
  ///   - height: the height of the result; as far as the last place where it is nil.
  ///   - width: its width, likewise.
  func spread(by stride: Extent, height: Int? = nil, width: Int? = nil) -> Tensor {
    let (samples, places, channels) = (shape[0], Extent(height: shape[1], width: shape[2]), shape[3])
    let rows = height ?? (places.height - 1) * stride.height + 1
    let columns = width ?? (places.width - 1) * stride.width + 1
    if stride == Extent(1), rows == places.height, columns == places.width { return self }
    return Tensor(unfilled: [samples, rows, columns, channels]) { result in
      withScalars { scalars in
        Workers.current.forEachRange(of: samples * rows, grain: max(1, (1 << 13) / max(1, columns * channels))) {
          range in
          for row in range {
            let target = result.base + row * columns * channels
            target.update(repeating: 0, count: columns * channels)
            let (sample, y) = (row / rows, row % rows)
            guard y % stride.height == 0, y / stride.height < places.height else { continue }
            let source = scalars.base + (sample * places.height + y / stride.height) * places.width * channels
            for column in 0..<places.width {
              (target + column * stride.width * channels).update(from: source + column * channels, count: channels)
            }
          }
        }
      }
    }
  }
}
