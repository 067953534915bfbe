import Tensors

/// Σ_c w_c A_c with w uniform in (−1, 1): the baseline that a method must beat. The weights follow from the seed and are the
/// same for every picture.
public struct RandomCAM: LayerWeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "randomcam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by chance: the baseline that a method must beat"
  /// The activations only.
  public let needs: Needs = .activations

  /// What the weights follow from.
  public let seed: UInt64

  /// Random weights that are always the same for the same seed.
  public init(seed: UInt64 = 0) {
    self.seed = seed
  }

  /// See ``LayerWeightingMethod/weights(_:)``.
  public func weights(_ layer: LayerEvidence) -> Tensor {
    let shape: Shape = [layer.activations.shape[0], layer.activations.shape[1]]
    let random = SeededRandom(seed: seed)
    let weights = (0..<shape[1]).map { Float(2 * random.uniform(at: $0) - 1) }
    let all = [[Float]](repeating: weights, count: shape[0]).flatMap { $0 }
    return Tensor(all, shape: shape)
  }
}
