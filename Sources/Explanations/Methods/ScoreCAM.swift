import Images
import Tensors

/// Σ_c w_c A_c with w the softmax, over channels, of the score of the picture masked by A_c (Wang et al. 2020).
///
/// As pytorch-grad-cam has it: the mask is A_c brought to the picture's size with corners aligned, minus its minimum, divided
/// by its range + 1e-8. Masked pictures are made and run in batches, so that memory does not grow with the channels.
public struct ScoreCAM: WeightingMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "scorecam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "channels weighted by the score of the picture masked by them (Wang et al. 2020)"
  /// The layers, and runs on masked pictures.
  public let needs: Needs = [.activations, .wholeRuns]

  /// How many masked pictures run at once; as many as fit into a moderate amount of memory where it is nil.
  public let batchSize: Int?

  /// Score-CAM. The result does not depend on the batch size.
  public init(batchSize: Int? = nil) {
    self.batchSize = batchSize
  }

  /// See ``WeightingMethod/weights(of:)``.
  public func weights(of evidence: Evidence) throws -> [Tensor] {
    let size = evidence.model.imageSize
    return try evidence.maskedPictureWeights(batchSize: batchSize) { _, map in
      map.resizedMapsAligningCorners(to: size).scaledToUnit()
    }
  }
}
