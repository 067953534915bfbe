import LayerGraph
import Tensors

/// Another method, smoothed: the first principal component of its weighted feature maps w_c ⊙ A_c in place of their sum, as
/// pytorch-grad-cam's `eigen_smooth` has it. The sign is such that the value of the largest magnitude is positive.
public struct EigenSmoothed: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "eigen-smooth"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "first principal component of another method's weighted feature maps (pytorch-grad-cam)"

  private let method: any WeightingMethod

  /// A method, smoothed.
  ///
  /// - Throws: ``MethodError`` where the method's map is no sum of weighted feature maps.
  public init(_ method: any ExplanationMethod) throws(MethodError) {
    guard let method = method as? any WeightingMethod else {
      throw MethodError(
        method.title, "its map is no weighted sum of feature maps, so that there is no eigen-smooth of it")
    }
    self.method = method
  }

  /// The other method's, with `eigen-smooth` behind it.
  public var title: String { "\(method.title)-\(Self.name)" }
  /// The other method's.
  public var needs: Needs { method.needs }
  /// The other method's.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] { try method.nodes(for: explainer) }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let weights = try method.weights(of: evidence)
    return .ofLayers(
      zip(evidence.layers, weights).map { $0.activations.weighted(by: $1).principalProjection() })
  }
}
