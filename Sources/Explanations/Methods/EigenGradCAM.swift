import Tensors

/// The first principal component of G ⊙ A, as pytorch-grad-cam defines it; its sign is such that the value of the largest
/// magnitude is positive, where pytorch-grad-cam leaves it to chance.
public struct EigenGradCAM: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "eigengradcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "first principal component of gradient times activation (pytorch-grad-cam)"

  /// EigenGradCAM has no parameters.
  public init() {}

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    (layer.gradients * layer.activations).principalProjection()
  }
}
