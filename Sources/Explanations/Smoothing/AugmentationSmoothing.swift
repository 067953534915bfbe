import Tensors

extension Explainer {
  /// Explains a batch as it is and five times altered, and takes the mean of the heatmaps: each picture and its mirror
  /// image, the normalised values times 0.9, 1 and 1.1 (pytorch-grad-cam's `aug_smooth`). It takes six times as long.
  ///
  /// The heatmaps are not scaled again, so that the largest value may be below 1. Targets are chosen, and scores and raw
  /// maps are, of the pictures as they are. Parameters and errors are those of
  /// ``explain(_:methods:progress:targets:)``.
  public func explainAugmented(
    _ input: Tensor, methods: [any ExplanationMethod], progress: ProgressReport? = nil,
    targets: (_ picture: Int, _ logits: [Float]) throws -> [ScoreTarget]
  ) throws -> ExplanationBatch {
    var chosen = [[ScoreTarget]]()
    let plain = try explain(input, methods: methods, progress: progress) { picture, logits in
      chosen.append(try targets(picture, logits))
      return chosen[picture]
    }
    var sums = plain.explanations.map { $0.map(\.heatmap) }
    var timings = plain.timings
    let mirrored = input.mirrored()
    for (picture, isMirrored) in [
      (input * 0.9, false), (input * 1.1, false), (mirrored * 0.9, true), (mirrored, true), (mirrored * 1.1, true),
    ] {
      let altered = try explain(picture, methods: methods, progress: progress) { picture, _ in chosen[picture] }
      timings += altered.timings
      for (picture, explanations) in altered.explanations.enumerated() {
        for (index, explanation) in explanations.enumerated() {
          sums[picture][index] += isMirrored ? explanation.heatmap.mirrored() : explanation.heatmap
        }
      }
    }
    let explanations = zip(plain.explanations, sums).map { explanations, sums in
      zip(explanations, sums).map { $0.replacing(method: "\($0.method)-aug-smooth", heatmap: $1 * (1.0 / 6)) }
    }
    return ExplanationBatch(logits: plain.logits, explanations: explanations, timings: timings)
  }
}

extension Timings {
  static func += (left: inout Timings, right: Timings) {
    left.forward += right.forward
    left.backward += right.backward
    left.map += right.map
  }
}

extension Tensor {
  /// The same with its last axis, the columns of pictures and maps, in reverse.
  func mirrored() -> Tensor {
    let width = shape[-1]
    return Tensor(unfilled: shape) { result in
      withScalars { scalars in
        for row in 0..<scalars.count / max(1, width) {
          for column in 0..<width { result[row * width + column] = scalars[(row + 1) * width - 1 - column] }
        }
      }
    }
  }
}
