import LayerGraph
import Tensors

/// rᵀ · Â_L ⋯ Â_1 with Â = (A + I) / 2, rows made to sum to one (Abnar and Zuidema 2020, "Quantifying attention flow in
/// transformers"). It never depends on the class.
public struct AttentionRollout: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "rollout"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "attention of all layers multiplied, whatever the class (Abnar and Zuidema 2020)"

  /// How the heads of a layer become one.
  public let headFusion: HeadFusion
  /// The share of each layer's smallest weights that is left out, from 0 to less than 1.
  public let discardRatio: Double

  /// Rollout as in the paper, unless told otherwise: the mean of the heads, nothing discarded.
  public init(headFusion: HeadFusion = .mean, discardRatio: Double = 0) {
    self.headFusion = headFusion
    self.discardRatio = discardRatio
  }

  /// See ``ExplanationMethod/title``.
  public var title: String {
    Self.name + (headFusion == .mean ? "" : "-\(headFusion.rawValue)") + (discardRatio == 0 ? "" : "-\(discardRatio)")
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    try AttentionFlow(explainer.model, for: Self.name).nodes
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let flow = try AttentionFlow(evidence.model, for: Self.name)
    return evidence.once("maps") {
      evidence.attentionMaps { picture in
        flow.relevance { relevance, number in
          let layer = flow.layers[number]
          return TokenAttention(headFusion(evidence.attention(layer, picture: picture)), layout: layer.layout)
            .discarding(discardRatio).rolledOut(relevance)
        }
      }
    }
  }
}

extension TokenAttention {
  /// rᵀ · Â with the rows of Â = A + I divided by their sums. (The ½ of the paper does the same where rows of A sum to one.)
  func rolledOut(_ relevance: [Float]) -> [Float] {
    let shared = zip(relevance, rowSums).map { $0 / (1 + $1) }
    return zip(shared, passedOn(shared)).map { $0 + $1 }
  }
}
