import LayerGraph
import Tensors

/// Σ_c |gradient at x_c| where only positive gradients go back through activations, and only to positive inputs
/// (Springenberg et al. 2015, "Striving for simplicity", figure 1). GELU, SiLU and Hardswish are treated as ReLU is.
///
/// It draws the picture's edges whatever the weights and whatever the class: it fails the sanity checks of Adebayo et al. 2018.
public struct GuidedBackpropagation: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "guidedbackprop"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "positive gradients only (Springenberg et al. 2015); fails the sanity checks of Adebayo et al. 2018"

  /// It has no parameters.
  public init() {}

  /// See ``ExplanationMethod/caution``.
  public var caution: Diagnostic? { .failsSanityChecks(method: Self.name) }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let graph = explainer.model.graph
    return graph.nodesForGradients(of: graph.output, at: [graph.input]).sorted()
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let gradients = try evidence.guidedGradient()
    return evidence.inputMaps { gradients[$0].magnitudes() }
  }
}

extension Evidence {
  /// What guided backpropagation gives at the input, B×C×H×W. The method has to name the nodes that
  /// ``GuidedBackpropagation`` names.
  func guidedGradient() throws -> Tensor {
    let graph = model.graph
    let (_, seed) = try Explainer.seeds(logits, targets)
    let trace = trace(of: try GuidedBackpropagation().nodes(for: explainer))
    let gradients = try graph.gradients(
      of: graph.output, seed: seed, at: [graph.input], in: trace, rule: .guided)
    return gradients[graph.input] ?? Tensor(repeating: 0, shape: input.shape)
  }
}
