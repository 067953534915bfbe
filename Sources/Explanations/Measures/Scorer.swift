import Architectures
import LayerGraph
import Tensors

/// A model as the measures of faithfulness see it: changed pictures go in, a score for each comes out.
///
/// Pictures are made when they are needed and run in batches, so that memory does not grow with their number.
public struct Scorer: Sendable {
  /// The model that is asked.
  public let model: Model
  /// What it is asked for.
  public let score: ScoreTarget
  /// How many pictures run at once.
  public let batchSize: Int

  /// A scorer of a model.
  ///
  /// - Parameter score: what is asked of the model; ``ScoreTarget/confidence(outputs:)`` is customary.
  public init(_ model: Model, score: ScoreTarget, batchSize: Int = 16) {
    self.model = model
    self.score = score
    self.batchSize = max(1, batchSize)
  }

  /// The score of each picture of a batch, N×3×H×W.
  ///
  /// - Throws: `RunError`, ``TargetError``.
  public func callAsFunction(_ pictures: Tensor) throws -> [Float] {
    let count = pictures.shape.perSample.count
    return try callAsFunction(pictures.batchCount) { index, picture in
      pictures[index].withScalars { picture.base.update(from: $0.base, count: count) }
    }
  }

  /// The scores of pictures that are written one after another.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - write: writes all 3×H×W values of the picture of an index.
  /// - Throws: `RunError`, ``TargetError``, and what `write` throws.
  public func callAsFunction(
    _ count: Int, write: (_ index: Int, _ picture: UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> [Float] {
    let graph = model.graph
    let shape = graph.nodes[graph.input].shape
    var scores = [Float]()
    for start in stride(from: 0, to: count, by: batchSize) {
      let batch = start..<min(count, start + batchSize)
      let pictures = try Tensor(unfilled: shape.batched(batch.count)) { memory in
        for (place, index) in batch.enumerated() {
          let picture = memory[place * shape.count..<(place + 1) * shape.count]
          try write(index, UnsafeMutableBufferPointer(rebasing: picture))
        }
      }
      let logits = try model.outputs(for: pictures)
      for place in batch.indices { scores.append(try score(logits[place - start].scalars).score) }
    }
    return scores
  }
}

extension ScoreTarget {
  /// What faithfulness is measured in: the probability of the class that this target is about, after softmax, or the
  /// output itself where outputs are probabilities; a target that is about no single class is its own measure.
  public func confidence(outputs: OutputKind) -> ScoreTarget {
    guard let classIndex, isLogit else { return self }
    return outputs == .logits ? .probability(classIndex) : self
  }
}
