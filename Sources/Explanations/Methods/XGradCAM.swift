import Tensors

/// Σ_c w_c A_c with w = Σ_hw G ⊙ A / (Σ_hw A + 1e-7) (Fu et al. 2020, equation 8).
public struct XGradCAM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "xgradcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by the gradient where they are active (Fu et al. 2020)"

  /// XGradCAM has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    let sums = layer.activations.channelSums().scalars
    let products = (layer.gradients * layer.activations).channelSums()
    let weights = zip(products.scalars, sums).map { $0 / ($1 + 1e-7) }
    return Tensor(weights, shape: products.shape)
  }
}
