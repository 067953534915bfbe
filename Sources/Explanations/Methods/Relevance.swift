import Architectures
import LayerGraph
import Tensors

/// Layer-wise relevance propagation to the picture, or to layers: x ⊙ what goes back to x by ``RelevanceRules``, summed over
/// channels and smoothed (Bach et al. 2015; Ali et al. 2022; Achtibat et al. 2024). One forward and one backward.
///
/// Relevance speaks for the score where it is positive, and against it where it is negative.
public struct Relevance: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "relevance"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "relevance propagated to the picture by the family's rules (Ali et al. 2022; Achtibat et al. 2024)"

  /// Where relevance is drawn.
  public enum Place: Sendable {
    /// At the explainer's layers where somebody chose them, or how their features become maps; at the picture else.
    case automatic
    /// At the picture.
    case input
    /// At the explainer's layers.
    case layers
  }

  /// The rules for a model.
  private let rules: @Sendable (Model) -> RelevanceRules
  /// Where relevance is drawn.
  public let place: Place
  /// The standard deviation of the heatmap's smoothing, in pixels of the model's input; 0 for none. Where it is nil, the
  /// recommended one of the model at the picture, and none at layers, whose maps are coarse as they are.
  public let sigma: Double?

  /// Relevance by a rule set that has a name.
  public init(_ rules: RelevanceRuleSet = .recommended, at place: Place = .automatic, sigma: Double? = nil) {
    self.rules = { rules.rules(for: $0) }
    self.place = place
    self.sigma = sigma
  }

  /// The same, drawn somewhere else.
  func placed(at place: Place) -> Relevance { Relevance(rules, place, sigma) }

  private init(_ rules: @escaping @Sendable (Model) -> RelevanceRules, _ place: Place, _ sigma: Double?) {
    self.rules = rules
    self.place = place
    self.sigma = sigma
  }

  /// Relevance by rules of one's own.
  public init(rules: RelevanceRules, at place: Place = .automatic, sigma: Double? = nil) {
    self.rules = { _ in rules }
    self.place = place
    self.sigma = sigma
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// See ``ExplanationMethod/rules(for:)``.
  public func rules(for explainer: Explainer) -> RelevanceRules? { rules(explainer.model) }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    looksAtLayers(of: explainer) ? explainer.layers : [explainer.model.graph.input]
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let (explainer, rules) = (evidence.explainer, rules(evidence.model))
    if looksAtLayers(of: explainer) {
      let maps = try explainer.layers.map {
        try explainer.featureMaps(evidence.relevance(at: $0, rules: rules), of: $0).channelSum()
      }
      return .ofLayers(maps, blur: GaussianBlur(sigma: sigma ?? 0))
    }
    let map = evidence.relevance(at: evidence.model.graph.input, rules: rules).channelSum()
    return .ofModel(map, source: "input", blur: GaussianBlur(sigma: sigma ?? evidence.model.recommendedSmoothing))
  }

  private func looksAtLayers(of explainer: Explainer) -> Bool {
    switch place {
    case .automatic: explainer.looksAtChosenLayers
    case .input: false
    case .layers: true
    }
  }
}
