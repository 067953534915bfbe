import Tensors

/// Grad-CAM++ with gradients of noisy pictures: Σ_c w_c A_c with w = Σ_hw a ⊙ relu(D₁) and
/// a = D₂ / (2 D₂ + Σ_hw A D₃ + 1e-8), where Dₚ is the mean of Gᵖ over noisy copies of the picture (Omeiza et al. 2019,
/// equation 5).
///
/// As torch-cam has it, with D₂ in the numerator. It differs in two things: A is that of the picture itself and D₁ the mean,
/// as in the paper, where torch-cam takes both from the last noisy copy. The noise follows from the seed.
public struct SmoothGradCAMPlusPlus: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "smoothgradcam++"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "Grad-CAM++ with the gradients of four noisy copies (Omeiza et al. 2019)"
  /// The layers, and runs and gradients of noisy pictures.
  public let needs: Needs = [.activations, .wholeRuns, .variantGradients]

  /// The number of noisy copies.
  public let sampleCount: Int
  /// The standard deviation of the noise on the preprocessed picture.
  public let deviation: Float
  /// What the noise follows from.
  public let seed: UInt64

  /// Smooth Grad-CAM++; what is left out is torch-cam's choice.
  public init(sampleCount: Int = 4, deviation: Float = 0.3, seed: UInt64 = 0) {
    self.sampleCount = sampleCount
    self.deviation = deviation
    self.seed = seed
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    var powers = evidence.layers.map { layer in
      (1...3).map { _ in Tensor(repeating: 0, shape: layer.activations.shape) }
    }
    for sample in 0..<sampleCount {
      try evidence.progress(done: sample, of: sampleCount)
      let noisy = try evidence.evidence(
        replacingInput: noisy(evidence.input, sample: sample), needs: [.activations, .gradients])
      for (layer, found) in noisy.layers.enumerated() {
        var power = found.gradients * (1 / Float(sampleCount))
        for exponent in 0..<3 {
          if exponent > 0 { power = power * found.gradients }
          powers[layer][exponent] += power
        }
      }
    }
    try evidence.progress(done: sampleCount, of: sampleCount)
    return zip(evidence.layers, powers).map { weights(activations: $0.activations, $1) }
  }

  private func noisy(_ input: Tensor, sample: Int) -> Tensor {
    let noise = SeededRandom(seed: seed)
    // Every picture of a batch gets the noise that it would get alone.
    let width = input.shape.perSample.count
    return Tensor(
      input.scalars.enumerated().map { $1 + deviation * Float(noise.normal(at: sample * width + $0 % width)) },
      shape: input.shape)
  }

  private func weights(activations: Tensor, _ powers: [Tensor]) -> Tensor {
    let size = activations.shape[2] * activations.shape[3]
    let (first, second) = (powers[0].scalars, powers[1].scalars)
    let sums = (powers[2] * activations).channelSums().scalars
    let weights = sums.enumerated().map { plane, sum in
      (plane * size..<(plane + 1) * size).reduce(Float(0)) { weight, index in
        weight + second[index] / (2 * second[index] + sum + 1e-8) * max(first[index], 0)
      }
    }
    return Tensor(weights, shape: [activations.shape[0], activations.shape[1]])
  }
}
