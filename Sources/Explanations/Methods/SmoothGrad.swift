import Tensors

/// Σ_c |the mean of ∂s/∂x_c over noisy copies of the picture| (Smilkov et al. 2017, "SmoothGrad"). The noise is normal and
/// follows from the seed.
public struct SmoothGrad: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "smoothgrad"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "mean gradient of noisy copies of the picture (Smilkov et al. 2017)"

  /// The number of copies.
  public let samples: Int
  /// The deviation of the noise, as a share of the picture's range of values.
  public let noise: Double
  /// What the noise follows from.
  public let seed: UInt64

  /// SmoothGrad with 50 copies and 15 % of noise, unless told otherwise.
  public init(samples: Int = 50, noise: Double = 0.15, seed: UInt64 = 0) {
    self.samples = max(1, samples)
    self.noise = noise
    self.seed = seed
  }

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [.wholeRuns] }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let random = SeededRandom(seed: seed)
    return try evidence.inputMaps { picture in
      let values = evidence.input[picture].scalars
      let deviation = noise * Double((values.max() ?? 0) - (values.min() ?? 0))
      let gradient = try evidence.meanInputGradient(ofVariants: samples, picture: picture) { sample, scalars in
        for index in scalars.indices {
          scalars[index] += Float(deviation * random.normal(at: sample * scalars.count + index))
        }
      }
      return gradient.magnitudes()
    }
  }
}
