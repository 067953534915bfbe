import Tensors

/// Σ_c w_c A_c with w = mean over H, W of G (Selvaraju et al. 2017, equations 1 and 2).
public struct GradCAM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by their mean gradient (Selvaraju et al. 2017)"

  /// Grad-CAM has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    layer.gradients.channelMeans()
  }
}
