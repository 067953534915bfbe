import LayerGraph
import Tensors

/// R ← R + Ā · R with Ā = mean over heads of relu(∇A ⊙ A), from the first layer to the last, and of R the rows that the
/// classifier reads (Chefer, Gur and Wolf 2021, "Generic attention-model explainability", equations 5 and 6).
public struct GradientAttention: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradientattention"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "relevance that attention times its gradient passes on (Chefer et al. 2021)"

  /// It has no parameters.
  public init() {}

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
        let attention = TokenAttention(HeadFusion.mean(weighted.relu()), layout: layer.layout)
        return zip(relevance, attention.passedOn(relevance)).map { $0 + $1 }
      }
    }
  }
}
