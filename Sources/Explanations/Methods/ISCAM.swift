import Images
import Tensors

/// Score-CAM along a path: Σ_c w_c A_c with w the softmax, over channels, of the mean score of the picture times multiples
/// of the mask of A_c (Naidu et al. 2020, "IS-CAM").
///
/// As torch-cam has it: the mask is A_c minus its minimum, divided by its range + 1e-8, brought to the picture's size; the
/// i-th of N multiples is (1 + 2 + … + i) / N.
public struct ISCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "iscam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "Score-CAM summed over multiples of the masks, 10 runs a channel (Naidu et al. 2020)"
  /// See ``ExplanationMethod/takesLong``.
  public static let takesLong = true
  /// The layers, and runs on masked pictures.
  public let needs: Needs = [.activations, .wholeRuns]

  /// The number of multiples, N.
  public let sampleCount: Int
  /// How many masked pictures run at once; as many as fit into a moderate amount of memory where it is nil.
  public let batchSize: Int?

  /// IS-CAM; what is left out is torch-cam's choice. The result does not depend on the batch size.
  public init(sampleCount: Int = 10, batchSize: Int? = nil) {
    self.sampleCount = sampleCount
    self.batchSize = batchSize
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    let size = evidence.model.imageSize
    return try evidence.maskedPictureWeights(samples: sampleCount, batchSize: batchSize) { place, map in
      let multiple = Float((place.sample + 1) * (place.sample + 2) / 2) / Float(sampleCount)
      return map.scaledToUnit().resizedMaps(to: size, .bilinear) * multiple
    }
  }
}
