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
  /// The method draws much the same map whatever the weights.
  case failsSanityChecks(method: String)
  /// So few places hold most of the map that the rest looks dark beside them.
  case fewPlaces(layer: String, places: Int, share: Float)

  /// A short name for programs: `zero-gradient`.
  public var name: String {
    switch self {
    case .zeroGradient: "zero-gradient"
    case .allNegative: "all-negative"
    case .notFinite: "not-finite"
    case .constantActivation: "constant-activation"
    case .failsSanityChecks: "fails-sanity-checks"
    case .fewPlaces: "few-places"
    }
  }

  /// The layer that it is about, where it is about one.
  public var layer: String? {
    switch self {
    case .zeroGradient(let layer), .allNegative(let layer), .notFinite(let layer), .constantActivation(let layer),
      .fewPlaces(let layer, _, _):
      layer
    case .failsSanityChecks: nil
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
    case .failsSanityChecks(let method):
      "\(method) draws the picture's edges even for random weights, and so fails the sanity checks (Adebayo et al. 2018); "
        + "do not take it for evidence of what the model looks at"
    case .fewPlaces(let layer, let places, let share):
      "\(places) \(places == 1 ? "place" : "places") of the map at \(layer) hold \(Int((share * 100).rounded())) % of it and darken the "
        + "rest; they may be tokens of large norm that show nothing: clip the map at its 97th percentile, or take another layer"
    }
  }

  /// What is suspicious about one sample's map of a layer, or of the model, which has no layer's evidence. A gradient of zero
  /// is not, where the method does not read it; nor are few places that hold most of a map, where it is clipped.
  static func diagnostics(
    layer: String, evidence: LayerEvidence?, map: Tensor, sample: Int, needsGradients: Bool = true,
    isClipped: Bool = false
  ) -> [Diagnostic] {
    let values = map[sample].scalars
    guard values.allSatisfy(\.isFinite) else { return [.notFinite(layer: layer)] }
    if needsGradients, let evidence, evidence.gradients[sample].scalars.allSatisfy({ $0 == 0 }) {
      return [.zeroGradient(layer: layer)]
    }
    if let activations = evidence?.activations[sample].scalars, activations.allSatisfy({ $0 == activations[0] }) {
      return [.constantActivation(layer: layer)]
    }
    guard values.contains(where: { $0 > 0 }) else { return [.allNegative(layer: layer)] }
    guard evidence != nil, !isClipped else { return [] }
    return fewPlaces(layer: layer, values).map { [$0] } ?? []
  }

  /// Whether the largest 2 % of the places hold half of a layer's map or more. In maps of fewer than 150 places a
  /// small object has no more of them.
  private static func fewPlaces(layer: String, _ values: [Float]) -> Diagnostic? {
    guard values.count >= 150 else { return nil }
    let sorted = values.filter { $0 > 0 }.sorted(by: >)
    let places = max(1, Int((Float(values.count) * 0.02).rounded()))
    let share = sorted.prefix(places).reduce(0, +) / sorted.reduce(0, +)
    return share >= 0.5 ? .fewPlaces(layer: layer, places: min(places, sorted.count), share: share) : nil
  }
}
