import Tensors

/// Σ_c w_c A_c with w uniform in (−1, 1): the baseline that a method must beat. The weights follow from the seed and are the
/// same for every picture.
public struct RandomCAM: LayerMethod {
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

  /// See ``LayerMethod/map(_:)``.
  public func map(_ layer: LayerEvidence) -> Tensor {
    let shape: Shape = [layer.activations.shape[0], layer.activations.shape[1]]
    let weights = (0..<shape[1]).map { weight(channel: UInt64($0)) }
    let all = [[Float]](repeating: weights, count: shape[0]).flatMap { $0 }
    return layer.activations.weightedSum(channelWeights: Tensor(all, shape: shape))
  }

  /// A value of splitmix64's stream (Steele, Lea, Flood 2014), in the open interval from −1 to 1.
  private func weight(channel: UInt64) -> Float {
    var z = seed &+ (channel &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return (Float(z >> 41) + 0.5) / 0x1p22 - 1
  }
}
