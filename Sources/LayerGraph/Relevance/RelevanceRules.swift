/// The rules by which relevance goes back through a graph: for each kind of op, what is taken as constant.
///
/// An op without a rule of its own keeps its derivative. All rules are changes of the backward pass only, written so that
/// activation times what arrives is the relevance there: a rule that takes a factor as constant is the derivative of a
/// model that is linear but for the rest.
public struct RelevanceRules: Hashable, Sendable {
  /// Whether norms divide by a constant: the standard deviation of layer norm, the length of cosine attention's vectors
  /// (Ali et al. 2022, "XAI for Transformers: better explanations through conservative propagation", section 3).
  public var normsAreConstant: Bool
  /// Whether the gate of GELU, SiLU and Hardswish, f(x) = x · gate(x), and that of squeeze-and-excitation are constant
  /// (Achtibat et al. 2024, "AttnLRP", section 3.3; Mehri et al. 2025, "LibraGrad").
  public var gatesAreConstant: Bool
  /// Whether attention maps are constant, so that relevance flows through the values only (Ali et al. 2022).
  public var attentionIsConstant: Bool
  /// How relevance goes back through convolutions, each with the batch norm behind it.
  public var convolutions: ProductRule
  /// How relevance goes back through linear layers.
  public var linearLayers: ProductRule

  /// Rules of one's own; those that are left out keep the derivative.
  public init(
    normsAreConstant: Bool = false, gatesAreConstant: Bool = false, attentionIsConstant: Bool = false,
    convolutions: ProductRule = .derivative, linearLayers: ProductRule = .derivative
  ) {
    self.normsAreConstant = normsAreConstant
    self.gatesAreConstant = gatesAreConstant
    self.attentionIsConstant = attentionIsConstant
    self.convolutions = convolutions
    self.linearLayers = linearLayers
  }
}

extension RelevanceRules {
  /// Rules that leave every step which one of several sets has a rule for as it is; nil where there are none. A plan made for
  /// them serves all of the sets.
  public static func shared(_ sets: some Sequence<RelevanceRules>) -> RelevanceRules? {
    sets.reduce(nil) { shared, rules in
      guard var shared else { return rules }
      if shared.convolutions == .derivative { shared.convolutions = rules.convolutions }
      if shared.linearLayers == .derivative { shared.linearLayers = rules.linearLayers }
      return shared
    }
  }

  /// Norms and gates constant; attention keeps its derivative.
  public static let constantNormsAndGates = RelevanceRules(normsAreConstant: true, gatesAreConstant: true)
  /// Norms, gates and attention maps constant.
  public static let conservative = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, attentionIsConstant: true)
  /// The epsilon rule of Bach et al. 2015 for convolutions and linear layers.
  public static let epsilon = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .epsilon(1e-6), linearLayers: .epsilon(1e-6))
  /// The generalised gamma rule for convolutions, with γ = 1.
  public static let gamma = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .gamma(1))

  /// The rule sets that have a name, in the order in which they are listed.
  public static let named: [(name: String, rules: RelevanceRules)] = [
    ("norm-gate", .constantNormsAndGates), ("conservative", .conservative), ("epsilon", .epsilon), ("gamma", .gamma),
  ]
}
