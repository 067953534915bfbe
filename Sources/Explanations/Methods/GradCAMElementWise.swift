import Tensors

/// Σ_c relu(G_c ⊙ A_c), as pytorch-grad-cam defines it.
public struct GradCAMElementWise: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "gradcamelementwise"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "positive gradient times activation at each place (pytorch-grad-cam)"

  /// GradCAMElementWise has no parameters.
  public init() {}

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    layer.gradients.combined(with: layer.activations) { gradient, activation, weight, count in
      for index in 0..<count { weight[index] = gradient[index] * activation[index] > 0 ? gradient[index] : 0 }
    }
  }
}
