import Tensors

/// Σ_c relu(G_c) ⊙ A_c (Jiang et al. 2021, equations 7 and 8).
public struct LayerCAM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "layercam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "positive gradient times activation at each place (Jiang et al. 2021)"

  /// LayerCAM has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    layer.gradients.relu()
  }
}
