import Tensors

/// Grad-CAM of what tells a class from those most similar to it (Zhang et al. 2025, "Finer-CAM").
///
/// Similar are the classes whose scores are nearest. The target becomes Σ_k p_k (z_c − α z_k) / (Σ_k p_k + 1e-9), as
/// pytorch-grad-cam has it: p is the softmax of the scores, and differentiated too. A target that is about no class has
/// nothing to be compared with and stays as it is.
public struct FinerCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "finercam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "gradcam of the difference to the three most similar classes (Zhang et al. 2025)"
  /// The layers, and gradients of targets of its own.
  public let needs: Needs = [.activations, .otherTargets]

  /// How many classes are compared with, fewer where the model has fewer.
  public let comparisons: Int
  /// How much the other classes count, α.
  public let strength: Float

  /// Finer-CAM; what is left out is pytorch-grad-cam's choice.
  public init(comparisons: Int = 3, strength: Float = 1) {
    self.comparisons = comparisons
    self.strength = strength
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    let targets = evidence.targets.enumerated().map { picture, target -> ScoreTarget in
      guard let index = target.classIndex else { return target }
      let logits = evidence.logits[picture].scalars
      let others = logits.indices.filter { $0 != index }
      let nearest = others.sorted { (abs(logits[$0] - logits[index]), $0) < (abs(logits[$1] - logits[index]), $1) }
      return .finer(index, than: Array(nearest.prefix(comparisons)), strength: strength)
    }
    return try evidence.layerGradients(of: targets).map { $0.channelMeans() }
  }
}

extension ScoreTarget {
  /// What tells a class from similar ones: the mean of z_c − α z_k, weighted by their probabilities.
  static func finer(_ index: Int, than similar: [Int], strength: Float) -> ScoreTarget {
    ScoreTarget("logit \(index) against \(similar)", classIndex: index) { logits in
      let probabilities = softmax(logits)
      let total = similar.reduce(Float(0)) { $0 + probabilities[$1] }
      let differences = similar.map { logits[index] - strength * logits[$0] }
      let weighted = zip(similar, differences).reduce(Float(0)) { $0 + probabilities[$1.0] * $1.1 }
      let score = weighted / (total + 1e-9)
      // ∂p_k/∂z_j = p_k (δ_kj − p_j).
      let spread = zip(similar, differences).reduce(Float(0)) { $0 + probabilities[$1.0] * ($1.1 - score) }
      var gradient = probabilities.map { -$0 * spread }
      gradient[index] += total
      for (other, difference) in zip(similar, differences) {
        gradient[other] += probabilities[other] * (difference - score - strength)
      }
      return (score, gradient.map { $0 / (total + 1e-9) })
    }
  }
}
