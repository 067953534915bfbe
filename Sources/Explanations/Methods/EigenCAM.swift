import Tensors

/// The first principal component of A (Muhammad and Yeasin 2020). It never depends on the class; its sign is such that the
/// value of the largest magnitude is positive, where pytorch-grad-cam leaves it to chance.
public struct EigenCAM: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "eigencam"
  /// See ``ExplanationMethod/summary``.
  public static let summary =
    "first principal component of the activation, whatever the class (Muhammad and Yeasin 2020)"
  /// The activations only.
  public let needs: Needs = .activations

  /// EigenCAM has no parameters.
  public init() {}

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    layer.activations.principalProjection()
  }
}
