import Tensors

/// Σ_c G_c ⊙ A_c (Draelos and Carin 2020, equation 4).
public struct HiResCAM: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "hirescam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "gradient times activation at each place (Draelos and Carin 2020)"

  /// HiResCAM has no parameters.
  public init() {}

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    (layer.gradients * layer.activations).channelSum()
  }
}
