import Architectures
import LayerGraph
import Tensors

/// Σ_c w_c A_c with w the weights of the classifier (Zhou et al. 2016): the original class activation mapping, for models whose
/// head is a global average and a linear layer. A is what is averaged, whatever layers were chosen.
public struct CAM: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "cam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "the averaged features, weighted by the classifier's weights (Zhou et al. 2016)"
  /// The gradient behind the average, which for a class are its weights.
  public let needs: Needs = .nodeGradients

  /// CAM has no parameters.
  public init() {}

  /// What is averaged, and the average.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let model = explainer.model
    guard let head = model.graph.averagingHead(of: { model.layout(of: $0) != nil }) else {
      throw MethodError(Self.name, "the head of \(model.name) is not a global average and a linear layer; take gradcam")
    }
    return [head.features, head.average]
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let nodes = try nodes(for: evidence.explainer)
    let model = evidence.model
    let features = try ReshapeTransform.automatic(evidence.result(of: nodes[0]), layout: model.layout(of: nodes[0]))
    let weights = evidence.gradient(at: nodes[1]).reshaped(to: [features.shape[0], features.shape[1]])
    return .ofModel(features.weightedSum(channelWeights: weights), source: model.graph.nodes[nodes[0]].name)
  }
}
