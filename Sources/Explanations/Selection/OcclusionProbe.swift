import Tensors

/// Where a model reads in a picture, coarsely: how much the score falls while a square window of it is blurred, the mean
/// over all windows that cover a pixel (after Zeiler and Fergus 2014, section 4.2). One probe serves all maps that are
/// compared.
///
/// Windows have a quarter of the picture's sides and lie half a window apart, also half beyond its edges: 81 runs.
struct OcclusionProbe {
  /// The fall at every pixel, the largest magnitude being 1: H×W.
  let falls: Tensor

  /// Probes a picture.
  ///
  /// - Parameters:
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - blurred: the same, blurred.
  ///   - score: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  init(_ input: Tensor, blurred: Tensor, _ score: Scorer) throws {
    let (height, width) = (input.shape[-2], input.shape[-1])
    let (rows, columns) = (Self.windows(height), Self.windows(width))
    let whole = try score(input)[0]
    let scores = try input.withScalars { original in
      try blurred.withScalars { blurred in
        try score(rows.count * columns.count) { number, picture in
          picture.base.update(from: original.base, count: original.count)
          for plane in stride(from: 0, to: original.count, by: height * width) {
            for row in rows[number / columns.count] {
              for column in columns[number % columns.count] {
                let place = plane + row * width + column
                picture[place] = blurred[place]
              }
            }
          }
        }
      }
    }
    var (falls, covers) = ([Float](repeating: 0, count: height * width), [Float](repeating: 0, count: height * width))
    for (number, score) in scores.enumerated() {
      for row in rows[number / columns.count] {
        for column in columns[number % columns.count] {
          falls[row * width + column] += whole - score
          covers[row * width + column] += 1
        }
      }
    }
    let means = zip(falls, covers).map { $1 > 0 ? $0 / $1 : 0 }
    let largest = means.reduce(0) { max($0, abs($1)) }
    self.falls = Tensor(means.map { largest > 0 ? $0 / largest : 0 }, shape: [height, width])
  }

  /// The rows or columns that the windows cover.
  private static func windows(_ length: Int) -> [Range<Int>] {
    let step = max(1, (length + 7) / 8)
    return stride(from: -step, to: length, by: step).map { max(0, $0)..<min(length, $0 + 2 * step) }
  }

  /// How far a map, H×W, lies where the score falls: its mean fall, weighed by the map; from −1 to 1, 0 for a blank map.
  func agreement(_ heatmap: Tensor) -> Float {
    let sum = heatmap.scalars.reduce(0, +)
    guard sum > 0 else { return 0 }
    return zip(heatmap.scalars, falls.scalars).reduce(0) { $0 + $1.0 * $1.1 } / sum
  }
}
