import Architectures
import LayerGraph
import Tensors

/// Layer-wise relevance propagation to the picture: x ⊙ what goes back to x by ``RelevanceRules``, summed over channels and
/// smoothed (Bach et al. 2015; Ali et al. 2022; Achtibat et al. 2024). One forward and one backward.
///
/// Relevance speaks for the score where it is positive, and against it where it is negative.
public struct Relevance: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "relevance"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "relevance propagated to the picture by the family's rules (Ali et al. 2022; Achtibat et al. 2024)"

  /// The rules for a model.
  private let rules: @Sendable (Model) -> RelevanceRules
  /// The standard deviation of the heatmap's smoothing, in pixels of the model's input; 0 for none, the recommended one of the
  /// model where it is nil.
  public let sigma: Double?

  /// Relevance by a rule set that has a name.
  public init(_ rules: RelevanceRuleSet = .recommended, sigma: Double? = nil) {
    self.rules = { rules.rules(for: $0) }
    self.sigma = sigma
  }

  /// Relevance by rules of one's own.
  public init(rules: RelevanceRules, sigma: Double? = nil) {
    self.rules = { _ in rules }
    self.sigma = sigma
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// See ``ExplanationMethod/rules(for:)``.
  public func rules(for explainer: Explainer) -> RelevanceRules? { rules(explainer.model) }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] { [explainer.model.graph.input] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let map = evidence.relevance(at: evidence.model.graph.input, rules: rules(evidence.model)).channelSum()
    let sigma = sigma ?? evidence.model.recommendedSmoothing
    return .ofModel(
      map, source: "input", blur: sigma > 0 ? GaussianBlur(sigma: sigma, radius: Int((3 * sigma).rounded(.up))) : nil)
  }
}
