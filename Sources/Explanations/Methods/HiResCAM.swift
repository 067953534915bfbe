import Tensors

/// Σ_c G_c ⊙ A_c (Draelos and Carin 2020, equation 4).
public struct HiResCAM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "hirescam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "gradient times activation at each place (Draelos and Carin 2020)"

  /// HiResCAM has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    layer.gradients
  }
}
