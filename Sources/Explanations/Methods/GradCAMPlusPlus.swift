import Tensors

/// Σ_c w_c A_c with w = Σ_hw relu(G) ⊙ a and a = G² / (2 G² + (Σ_hw A) G³ + 1e-6), 0 where G = 0 (Chattopadhay et al. 2018,
/// equations 10 and 19).
public struct GradCAMPlusPlus: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradcam++"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by second-order gradients (Chattopadhay et al. 2018)"

  /// Grad-CAM++ has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    let size = layer.activations.shape[2] * layer.activations.shape[3]
    let sums = layer.activations.channelSums().scalars
    let weights = layer.gradients.withScalars { gradients in
      sums.indices.map { plane -> Float in
        var weight: Float = 0
        for g in gradients[plane * size..<(plane + 1) * size] where g > 0 {
          weight += g * (g * g) / (2 * g * g + sums[plane] * g * g * g + 1e-6)
        }
        return weight
      }
    }
    return Tensor(weights, shape: [layer.activations.shape[0], layer.activations.shape[1]])
  }
}
