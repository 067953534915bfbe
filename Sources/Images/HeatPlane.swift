import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A heatmap laid over a view: its values at every pixel of the part that it covers.
struct HeatPlane {
  /// The rows of the view that are covered.
  let rows: Range<Int>
  /// The columns of the view that are covered.
  let columns: Range<Int>
  /// The values, rows × columns, in 0...1; of a heatmap with signs in −1...1.
  let values: Tensor
  /// Whether values below 0 speak against what those above speak for.
  let isSigned: Bool

  init(
    _ heatmap: Tensor, covering rectangle: Rectangle, of size: ImageSize, _ interpolation: MapInterpolation,
    gamma: Float, isSigned: Bool = false
  ) {
    let (height, width) = (heatmap.shape[-2], heatmap.shape[-1])
    precondition(heatmap.count == height * width, "one heatmap is drawn at a time, not \(heatmap.shape)")
    rows = rectangle.rows(of: size)
    columns = rectangle.columns(of: size)
    let vertical = rows.map { (Double($0) + 0.5 - rectangle.top) / rectangle.height * Double(height) }
    let horizontal = columns.map { (Double($0) + 0.5 - rectangle.left) / rectangle.width * Double(width) }
    var clean = heatmap.reshaped(to: [height, width])
    clean.withMutableScalars { values in
      for index in values.indices { values[index] = values[index].clamped(isSigned: isSigned) }
    }
    var plane = clean.resampledMaps(
      horizontal: .sampled(interpolation, inputCount: width, at: horizontal),
      vertical: .sampled(interpolation, inputCount: height, at: vertical))
    plane.withMutableScalars { values in
      for index in values.indices {
        let value = values[index].clamped(isSigned: isSigned)
        guard gamma != 1 else {
          values[index] = value
          continue
        }
        let power = powf(abs(value), gamma).clampedToUnit
        values[index] = value < 0 ? -power : power
      }
    }
    values = plane
    self.isSigned = isSigned
  }

  /// The place of a value among the 256 colors of a map.
  func level(of value: Float) -> Int { Int((isSigned ? (value + 1) / 2 : value) * 255) }

  /// Calls `body` with every covered pixel of a view of a width, and the heatmap's value there.
  func forEachPixel(inRowsOf width: Int, _ body: (_ pixel: Int, _ value: Float) -> Void) {
    values.withScalars { values in
      var index = 0
      for row in rows {
        for column in columns {
          body(row * width + column, values[index])
          index += 1
        }
      }
    }
  }
}

extension Float {
  /// This value, or the nearer end of 0...1, or of −1...1 where signs count; 0 for what is not a number.
  fileprivate func clamped(isSigned: Bool) -> Float {
    isSigned && self < 0 ? -(-self).clampedToUnit : clampedToUnit
  }
}
