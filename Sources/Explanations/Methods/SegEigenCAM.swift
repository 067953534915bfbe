import Tensors

/// The first principal component of |G| ⊙ A, flipped where |min| > |max| (Chung and Ying 2025, equations 10 to 13).
public struct SegEigenCAM: LayerMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "segeigencam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "first principal component of |gradient| times activation (Chung and Ying 2025)"

  /// SegEigenCAM has no parameters.
  public init() {}

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    let weighted = layer.gradients.combined(with: layer.activations) { gradient, activation, result, count in
      for index in 0..<count { result[index] = abs(gradient[index]) * activation[index] }
    }
    return weighted.principalProjection()
  }
}
