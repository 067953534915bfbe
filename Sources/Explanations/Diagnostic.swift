import Tensors

/// What is suspicious about a map: said in place of a picture that is silently blank.
public enum Diagnostic: Equatable, Sendable, CustomStringConvertible {
  /// The gradient at the layer is zero everywhere.
  case zeroGradient(layer: String)
  /// The map is not positive anywhere, so that nothing is left of it after ReLU.
  case allNegative(layer: String)
  /// The map has values that are not numbers.
  case notFinite(layer: String)
  /// The layer gives the same value everywhere.
  case constantActivation(layer: String)

  /// A short name for programs: `zero-gradient`.
  public var name: String {
    switch self {
    case .zeroGradient: "zero-gradient"
    case .allNegative: "all-negative"
    case .notFinite: "not-finite"
    case .constantActivation: "constant-activation"
    }
  }

  /// One line: what was found, and what to try.
  public var description: String {
    switch self {
    case .zeroGradient(let layer):
      "the score does not depend on \(layer): its gradient is zero everywhere; take an earlier layer"
    case .allNegative(let layer):
      "the map at \(layer) is not positive anywhere: nothing there speaks for this target; take another layer or method"
    case .notFinite(let layer): "the map at \(layer) is not a number in places; the picture or the weights are damaged"
    case .constantActivation(let layer): "\(layer) gives the same value everywhere; take another layer"
    }
  }

  /// What is suspicious about one sample's map of a layer, or of the model, which has no layer's evidence. A gradient of zero
  /// is not, where the method does not read it.
  static func diagnostics(
    layer: String, evidence: LayerEvidence?, map: Tensor, sample: Int, needsGradients: Bool = true
  ) -> [Diagnostic] {
    let values = map[sample].scalars
    guard values.allSatisfy(\.isFinite) else { return [.notFinite(layer: layer)] }
    if needsGradients, let evidence, evidence.gradients[sample].scalars.allSatisfy({ $0 == 0 }) {
      return [.zeroGradient(layer: layer)]
    }
    if let activations = evidence?.activations[sample].scalars, activations.allSatisfy({ $0 == activations[0] }) {
      return [.constantActivation(layer: layer)]
    }
    return values.contains { $0 > 0 } ? [] : [.allNegative(layer: layer)]
  }
}
