import Tensors

/// Σ_c relu(G_c ⊙ A_c), as pytorch-grad-cam defines it.
public struct GradCAMElementWise: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradcamelementwise"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "positive gradient times activation at each place (pytorch-grad-cam)"

  /// GradCAMElementWise has no parameters.
  public init() {}

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    (layer.gradients * layer.activations).relu().channelSum()
  }
}
