import LayerGraph
import Tensors

/// Rollout of relu(mean over heads of ∇A ⊙ A), which is the attention that speaks for the class (Gildenblat 2020,
/// "Exploring explainability for vision transformers"). Rows of it + I are divided by their sums.
public struct GradientRollout: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradientrollout"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "rollout of attention weighted by its gradient (Gildenblat 2020)"

  /// The share of each layer's smallest weights that is left out, from 0 to less than 1.
  public let discardRatio: Double

  /// Gradient rollout; nothing is discarded unless told otherwise.
  public init(discardRatio: Double = 0) {
    self.discardRatio = discardRatio
  }

  /// See ``ExplanationMethod/title``.
  public var title: String { Self.name + (discardRatio == 0 ? "" : "-\(discardRatio)") }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.nodeGradients] }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    try AttentionFlow(explainer.model, for: Self.name).nodes
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let flow = try AttentionFlow(evidence.model, for: Self.name)
    return evidence.attentionMaps { picture in
      flow.relevance { relevance, number in
        let layer = flow.layers[number]
        let weighted = evidence.weightedAttention(layer, picture: picture)
        return TokenAttention(HeadFusion.mean(weighted).relu(), layout: layer.layout)
          .discarding(discardRatio).rolledOut(relevance)
      }
    }
  }
}
