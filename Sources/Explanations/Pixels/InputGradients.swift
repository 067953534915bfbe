import LayerGraph
import Tensors

/// What methods of pixels share: gradients at the model's input, and maps of it.
extension Evidence {
  /// The mean gradient of a picture's score over variants of the picture, C×H×W. They run in small batches, so that memory
  /// does not grow with their number.
  ///
  /// - Parameters:
  ///   - count: the number of variants.
  ///   - picture: the picture's place in the batch.
  ///   - change: makes a variant of what is there before, the picture.
  /// - Throws: `CancellationError` where the task was cancelled, `RunError`, ``TargetError``.
  func meanInputGradient(ofVariants count: Int, picture: Int, change: Variation) throws -> Tensor {
    let original = input[picture]
    var sum = Tensor(repeating: 0, shape: original.shape.batched(1))
    for start in stride(from: 0, to: count, by: gradientBatchSize) {
      try progress(done: start, of: count)
      let variants = start..<min(start + gradientBatchSize, count)
      let batch = Tensor(unfilled: original.shape.batched(variants.count)) { result in
        original.withScalars { original in
          for (place, variant) in variants.enumerated() {
            let range = place * original.count..<(place + 1) * original.count
            let sample = UnsafeMutableBufferPointer(rebasing: result[range])
            _ = sample.update(fromContentsOf: original)
            change(variant, sample)
          }
        }
      }
      let found = try evidence(ofVariants: batch, picture: picture, needs: .nodeGradients, nodes: [model.graph.input])
      sum += found.gradient(at: model.graph.input).summedOverBatch()
    }
    try progress(done: count, of: count)
    return sum[0] * (1 / Float(count))
  }

  /// How many pictures are differentiated at once: so many that all results of the model, which a gradient at the input reads,
  /// take no more than 256 MB, but at least one.
  private var gradientBatchSize: Int {
    let graph = model.graph
    let scalars = graph.paths(from: [graph.input], to: graph.output).reduce(0) { $0 + graph.nodes[$1].shape.count }
    return min(32, max(1, (64 << 20) / max(1, scalars)))
  }

  /// One map of the input for each picture, B×H×W.
  func inputMaps(_ map: (_ picture: Int) throws -> Tensor) rethrows -> MethodMaps {
    let maps = try (0..<pictureCount).map(map)
    return .ofModel(Tensor(maps.flatMap(\.scalars), shape: maps[0].shape.batched(maps.count)), source: "input")
  }
}

extension Tensor {
  /// The sum over the channels of one picture, C×H×W: H×W. What speaks for the score in one channel may speak against it in
  /// another.
  func contributions() -> Tensor {
    reshaped(to: shape.batched(1)).channelSum()[0]
  }

  /// The sum over the channels of the magnitudes of one picture's gradient, C×H×W: H×W. The sign of a gradient says whether a
  /// pixel should be lighter or darker, not whether it speaks for the score.
  func magnitudes() -> Tensor {
    mapped { x, y, count in for index in 0..<count { y[index] = abs(x[index]) } }.contributions()
  }
}
