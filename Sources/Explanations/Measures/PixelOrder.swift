import Tensors

/// The pixels of a heatmap from the most to the least important one.
///
/// Equal values, of which a map behind a ReLU has many, keep the order of the rows.
struct PixelOrder {
  /// The pixels, counted row by row, the most important one first.
  let pixels: [Int]

  init(_ heatmap: Tensor) {
    let values = heatmap.scalars
    pixels = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
  }

  /// Copies the most important pixels of one picture over those of another, in all channels.
  func copy(
    first count: Int, from source: UnsafePointer<Float>, to picture: UnsafeMutableBufferPointer<Float>
  ) {
    for start in stride(from: 0, to: picture.count, by: pixels.count) {
      for pixel in pixels.prefix(count) { picture[start + pixel] = source[start + pixel] }
    }
  }
}

/// The scores of a picture while its pixels are exchanged, the most important ones first.
public struct ScoreCurve: Sendable {
  /// The score with none, then with more and more of the pixels exchanged, at the end with all.
  public let scores: [Float]

  /// A curve of at least two scores.
  public init(scores: [Float]) {
    precondition(scores.count > 1, "a curve has a beginning and an end")
    self.scores = scores
  }

  /// The area below the curve, by the trapezoid rule, over a width of 1.
  public var area: Float {
    let sum = scores.reduce(0) { $0 + Double($1) }
    let ends = Double(scores[0]) + Double(scores[scores.count - 1])
    return Float((sum - ends / 2) / Double(scores.count - 1))
  }

  /// The curve while the pixels of `start` give way to those of `end`, in equal steps.
  ///
  /// - Parameters:
  ///   - start: the picture at the beginning, 1×3×H×W or 3×H×W.
  ///   - end: the picture at the end.
  ///   - heatmap: which pixels come first, H×W.
  ///   - steps: the number of steps; a step's pixels are rounded up, as RISE does it.
  init(from start: Tensor, to end: Tensor, heatmap: Tensor, steps: Int, _ scorer: Scorer) throws {
    precondition(
      start.count == end.count && start.count % heatmap.count == 0, "\(heatmap.shape) fits no \(start.shape)")
    let order = PixelOrder(heatmap)
    let perStep = (heatmap.count + max(1, steps) - 1) / max(1, steps)
    let count = (heatmap.count + perStep - 1) / perStep
    let scores = try start.withScalars { start in
      try end.withScalars { end in
        try scorer(count + 1) { index, picture in
          picture.base.update(from: start.base, count: start.count)
          order.copy(first: index * perStep, from: end.base, to: picture)
        }
      }
    }
    self.init(scores: scores)
  }
}
