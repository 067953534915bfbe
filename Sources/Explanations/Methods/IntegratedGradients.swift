import Tensors

/// Σ_c x_c ⊙ the mean of ∂s/∂x_c on the straight way from zero to the picture x (Sundararajan, Taly and Yan 2017, "Axiomatic
/// attribution for deep networks", equation 3, by the midpoint rule). Zero is the mean color of the preprocessing. The map sums
/// to the difference of the two scores.
public struct IntegratedGradients: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "integratedgradients"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "each pixel times its mean gradient on the way from gray (Sundararajan et al. 2017)"

  /// The number of places on the way.
  public let steps: Int

  /// Integrated gradients with 50 steps, unless told otherwise.
  public init(steps: Int = 50) {
    self.steps = max(1, steps)
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.wholeRuns] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    try evidence.inputMaps { picture in
      let gradient = try evidence.meanInputGradient(ofVariants: steps, picture: picture) { step, scalars in
        let factor = (Float(step) + 0.5) / Float(steps)
        for index in scalars.indices { scalars[index] *= factor }
      }
      return (evidence.input[picture] * gradient).contributions()
    }
  }
}
