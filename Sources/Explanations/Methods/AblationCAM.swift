import LayerGraph
import Tensors

/// Σ_c w_c A_c with w = (s − s_c) / |s|, where s_c is the score with channel c set to zero (Desai and Ramaswamy 2020,
/// equation 3).
///
/// The paper and pytorch-grad-cam divide by s, which turns the map around where the score is negative.
/// The channel is set to zero in every token, also in those that are no patches. pytorch-grad-cam takes min − 10⁷ in place
/// of zero where the layer has negative values, and lowers that from channel to channel of a batch, so that its result
/// depends on the batch size; this one does not.
public struct AblationCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "ablationcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by what the score loses without them (Desai and Ramaswamy 2020)"
  /// The layers, and runs of the rest of the model.
  public let needs: Needs = [.activations, .tailRuns]

  /// How many channels are ablated at once; as many as fit into a moderate amount of memory where it is nil.
  public let batchSize: Int?

  /// Ablation-CAM. The result does not depend on the batch size.
  public init(batchSize: Int? = nil) {
    self.batchSize = batchSize
  }

  /// The linear layers that are all that read a layer: the rest of the model runs from there.
  public func nodes(for explainer: Explainer) -> [NodeID] {
    explainer.layers.compactMap { explainer.model.graph.linearReader(of: $0)?.node }
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    try evidence.explainer.layers.indices.map { layer in
      let elements = try evidence.elements(ofLayer: layer)
      let weights = try (0..<evidence.pictureCount).flatMap { picture in
        let ablated = try scores(ablating: elements, layer: layer, picture: picture, evidence)
        let score = evidence.scores[picture]
        // A score of zero has no share to lose; the losses themselves differ from shares by a factor only.
        let whole = score == 0 ? 1 : abs(score)
        return ablated.map { (score - $0) / whole }
      }
      return Tensor(weights, shape: [evidence.pictureCount, elements.channelCount])
    }
  }

  /// The scores with each channel ablated in turn.
  private func scores(
    ablating elements: LayerElements, layer: Int, picture: Int, _ evidence: Evidence
  ) throws -> [Float] {
    let node = evidence.explainer.layers[layer]
    guard elements.channelsComeLast, let reader = evidence.model.graph.linearReader(of: node) else {
      return try evidence.scores(
        ofVariants: elements.channelCount, atLayer: layer, picture: picture, batchSize: batchSize, keptAs: "\(layer)"
      ) { channel, features in
        elements.forEach(inChannel: channel) { features[$0] = 0 }
      }
    }
    // What a linear layer gives without a channel is what it gave less that channel times its column of weights.
    let (channels, width) = (elements.channelCount, reader.weight.shape[0])
    let columns = reader.weight.permuted([1, 0])
    return try evidence.result(of: node)[picture].withScalars { features in
      try columns.withScalars { columns in
        try evidence.scores(
          ofVariants: channels, at: reader.node, picture: picture, batchSize: batchSize, keptAs: "\(layer)"
        ) { channel, results in
          for token in 0..<features.count / channels {
            let factor = features[token * channels + channel]
            for index in 0..<width { results[token * width + index] -= factor * columns[channel * width + index] }
          }
        }
      }
    }
  }
}
