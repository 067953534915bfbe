import Images
import Tensors

/// Score-CAM with noise: Σ_c w_c A_c with w the softmax, over channels, of the mean score of the picture masked by A_c plus
/// noise (Wang et al. 2020, "SS-CAM").
///
/// As torch-cam has it: the mask is A_c minus its minimum, divided by its range + 1e-8, brought to the picture's size, plus
/// normal noise at every pixel. The noise follows from the seed.
public struct SSCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "sscam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "Score-CAM with noise on the masks, 35 runs a channel (Wang et al. 2020)"
  /// See ``ExplanationMethod/takesLong``.
  public static let takesLong = true
  /// The layers, and runs on masked pictures.
  public let needs: Needs = [.activations, .wholeRuns]

  /// How many noisy masks are made of each channel.
  public let sampleCount: Int
  /// The standard deviation of the noise; masks are between 0 and 1.
  public let deviation: Float
  /// What the noise follows from.
  public let seed: UInt64
  /// How many masked pictures run at once; as many as fit into a moderate amount of memory where it is nil.
  public let batchSize: Int?

  /// SS-CAM; what is left out is torch-cam's choice. The result does not depend on the batch size.
  public init(sampleCount: Int = 35, deviation: Float = 2, seed: UInt64 = 0, batchSize: Int? = nil) {
    self.sampleCount = sampleCount
    self.deviation = deviation
    self.seed = seed
    self.batchSize = batchSize
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    let (size, noise) = (evidence.model.imageSize, SeededRandom(seed: seed))
    return try evidence.maskedPictureWeights(samples: sampleCount, batchSize: batchSize) { place, map in
      var mask = map.scaledToUnit().resizedMaps(to: size, .bilinear)
      mask.withMutableScalars { mask in
        let start = place.index * mask.count
        for pixel in mask.indices { mask[pixel] += deviation * Float(noise.normal(at: start + pixel)) }
      }
      return mask
    }
  }
}
