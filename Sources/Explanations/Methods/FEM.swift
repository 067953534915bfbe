import Tensors

/// Σ_c w_c A_c with w the share of places where A_c > mean + 2 standard deviations of A_c (Fuad et al. 2020).
public struct FEM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "fem"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by how often they are strongly active (Fuad et al. 2020)"
  /// The activations only.
  public let needs: Needs = .activations

  /// FEM has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    let means = layer.activations.channelMeans()
    let size = layer.activations.shape[2] * layer.activations.shape[3]
    let weights = layer.activations.withScalars { activations in
      means.scalars.enumerated().map { plane, mean -> Float in
        let places = activations[plane * size..<(plane + 1) * size]
        let variance = places.reduce(Float(0)) { $0 + ($1 - mean) * ($1 - mean) } / Float(size)
        let threshold = mean + 2 * variance.squareRoot()
        return Float(places.count { $0 > threshold }) / Float(size)
      }
    }
    return Tensor(weights, shape: means.shape)
  }
}
