/// The rules by which relevance goes back through a graph: for each kind of op what is taken as constant, or how it is shared.
///
/// An op without a rule of its own keeps its derivative. All rules are changes of the backward pass only, written so that
/// activation times what arrives is the relevance there: a rule that takes a factor as constant is the derivative of a
/// model that is linear but for the rest.
public struct RelevanceRules: Hashable, Sendable {
  /// Whether norms divide by a constant: the standard deviation of layer norm, the length of cosine attention's vectors
  /// (Ali et al. 2022, "XAI for Transformers: better explanations through conservative propagation", section 3).
  public var normsAreConstant = false
  /// Whether the gate of GELU, SiLU, Hardswish and ReLU6, f(x) = x · gate(x), and that of squeeze-and-excitation are constant
  /// (Achtibat et al. 2024, "AttnLRP", section 3.3; Mehri et al. 2025, "LibraGrad").
  public var gatesAreConstant = false
  /// How relevance goes back through attention.
  public var attention = AttentionRule.derivative
  /// How relevance goes back through convolutions, each with the batch norm behind it.
  public var convolutions = ProductRule.derivative
  /// How relevance goes back through linear layers.
  public var linearLayers = ProductRule.derivative
  /// How it goes back through the first convolution or linear layer, where that is by another rule.
  public var firstLayer: ProductRule?

  /// How it goes back through convolutions and linear layers whose input comes from an activation, where that is by another
  /// rule: there, what a product reads is mostly positive, as the gamma rule wants it.
  public var behindActivations: ProductRule?

  /// The derivative everywhere.
  public init() {}

  /// Rules for all kinds of ops.
  public init(
    normsAreConstant: Bool, gatesAreConstant: Bool, attention: AttentionRule = .derivative,
    convolutions: ProductRule = .derivative, linearLayers: ProductRule = .derivative, firstLayer: ProductRule? = nil,
    behindActivations: ProductRule? = nil
  ) {
    self.normsAreConstant = normsAreConstant
    self.gatesAreConstant = gatesAreConstant
    self.attention = attention
    self.convolutions = convolutions
    self.linearLayers = linearLayers
    self.firstLayer = firstLayer
    self.behindActivations = behindActivations
  }

  /// The rules for a convolution or linear layer at a place.
  func at(_ place: ProductPlace) -> RelevanceRules {
    guard let rule = (place.isFirst ? firstLayer : nil) ?? (place.isBehindActivation ? behindActivations : nil) else {
      return self
    }
    var rules = self
    (rules.convolutions, rules.linearLayers) = (rule, rule)
    return rules
  }
}

/// How relevance goes back through attention, a product of a map with the values.
public enum AttentionRule: Hashable, Sendable {
  /// By the chain rule.
  case derivative
  /// The map is constant, so that relevance flows through the values only (Ali et al. 2022, equation 7).
  case constant
  /// Each product of two operands gives both of them half (Achtibat et al. 2024, "AttnLRP", proposition 3.3), softmax keeps
  /// its derivative (proposition 3.1).
  case halved
}

extension RelevanceRules {
  /// Rules that leave every step which one of several sets has a rule for as it is; nil where there are none. A plan made for
  /// them serves all of the sets.
  public static func shared(_ sets: some Sequence<RelevanceRules>) -> RelevanceRules? {
    sets.reduce(nil) { shared, rules in
      guard var shared else { return rules }
      shared.gatesAreConstant = shared.gatesAreConstant || rules.gatesAreConstant
      for rule in [rules.convolutions, rules.linearLayers, rules.firstLayer, rules.behindActivations] {
        guard let rule, !rule.suitsPlans else { continue }
        (shared.convolutions, shared.linearLayers) = (rule, rule)
      }
      return shared
    }
  }

  /// Whether convolutions that plans make follow their rules.
  var convolutionsSuitPlans: Bool {
    [convolutions, firstLayer, behindActivations].allSatisfy { $0?.suitsPlans ?? true }
  }
  /// Whether linear layers that plans make follow their rules.
  var linearLayersSuitPlans: Bool {
    [linearLayers, firstLayer, behindActivations].allSatisfy { $0?.suitsPlans ?? true }
  }
}

extension RelevanceRules {
  /// What is recommended: norms and gates constant, halved attention, and the gamma rule with γ = ½ for products behind
  /// activations. Chosen by measuring, see `Docs/relevance.md`.
  public static let recommended = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, attention: .halved, behindActivations: .gamma(0.5))
  /// Norms and gates constant; attention keeps its derivative.
  public static let constantNormsAndGates = RelevanceRules(normsAreConstant: true, gatesAreConstant: true)
  /// Norms, gates and attention maps constant.
  public static let conservative = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, attention: .constant)
  /// Norms and gates constant, half of the relevance through the attention maps (Achtibat et al. 2024).
  public static let attnLRP = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, attention: .halved, linearLayers: .epsilon(1e-6))
  /// The epsilon rule of Bach et al. 2015 for convolutions and linear layers.
  public static let epsilon = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .epsilon(1e-6), linearLayers: .epsilon(1e-6))
  /// The generalised gamma rule for convolutions, with γ = 1.
  public static let gamma = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .gamma(1))
  /// Positive products in convolutions, epsilon in linear layers, flat in the first: zennit's EpsilonPlusFlat.
  public static let epsilonPlusFlat = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .zPlus, linearLayers: .epsilon(1e-6),
    firstLayer: .flat)
  /// α = 2, β = 1 in convolutions, epsilon in linear layers: zennit's EpsilonAlpha2Beta1.
  public static let epsilonAlpha2Beta1 = RelevanceRules(
    normsAreConstant: true, gatesAreConstant: true, convolutions: .alphaBeta(2, 1), linearLayers: .epsilon(1e-6))

  /// γ = ¼ in convolutions, epsilon in linear layers, and in the first the bounds of the pixels: zennit's EpsilonGammaBox.
  ///
  /// - Parameters:
  ///   - low: the value of a black pixel after preprocessing, for each channel.
  ///   - high: that of a white one.
  public static func epsilonGammaBox(low: [Float], high: [Float]) -> RelevanceRules {
    RelevanceRules(
      normsAreConstant: true, gatesAreConstant: true, convolutions: .gamma(0.25), linearLayers: .epsilon(1e-6),
      firstLayer: .box(low: low, high: high))
  }
}
