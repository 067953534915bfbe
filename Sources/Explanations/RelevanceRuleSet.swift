import Architectures
import LayerGraph

/// The rule sets that have a name, as zennit's users and the papers know them.
public enum RelevanceRuleSet: String, CaseIterable, Sendable {
  /// ``LayerGraph/RelevanceRules/recommended``.
  case recommended
  /// ``LayerGraph/RelevanceRules/constantNormsAndGates``.
  case normGate = "norm-gate"
  /// ``LayerGraph/RelevanceRules/conservative``.
  case conservative
  /// ``LayerGraph/RelevanceRules/attnLRP``.
  case attnLRP = "attnlrp"
  /// ``LayerGraph/RelevanceRules/gamma``.
  case gamma
  /// ``LayerGraph/RelevanceRules/epsilon``.
  case epsilon
  /// ``LayerGraph/RelevanceRules/epsilonPlusFlat``.
  case epsilonPlusFlat = "epsilon-plus-flat"
  /// ``LayerGraph/RelevanceRules/epsilonGammaBox(low:high:)``.
  case epsilonGammaBox = "epsilon-gamma-box"
  /// ``LayerGraph/RelevanceRules/epsilonAlpha2Beta1``.
  case epsilonAlpha2Beta1 = "epsilon-alpha2-beta1"

  /// The rules for a model, whose preprocessing says what black and white pixels are.
  public func rules(for model: Model) -> RelevanceRules {
    switch self {
    case .recommended: .recommended
    case .normGate: .constantNormsAndGates
    case .conservative: .conservative
    case .attnLRP: .attnLRP
    case .gamma: .gamma
    case .epsilon: .epsilon
    case .epsilonPlusFlat: .epsilonPlusFlat
    case .epsilonAlpha2Beta1: .epsilonAlpha2Beta1
    case .epsilonGammaBox: .epsilonGammaBox(low: model.preprocessing.black, high: model.preprocessing.white)
    }
  }
}
