import Tensors

/// The score when only one place of the layer and, weaker, its neighbours are left, as a map of these places (Byun and Lee
/// 2022; for tokens 2023).
///
/// The map begins at the lowest score, as the papers scale it: scores may all be negative, and zero says nothing about them.
/// Only the rest of the model runs. Tokens that are no patches stay as they are, which is ViT-ReCiproCAM. The papers map the
/// probability of the class, `p:CLASS`; here it is the target, whatever it is.
public struct ReciproCAM: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "reciprocam"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "the score when only one place of the layer is left (Byun and Lee 2022, 2023)"
  /// The layers, and runs of the rest of the model.
  public let needs: Needs = [.activations, .tailRuns]

  /// Whether the eight neighbours are left too, weaker: 1/4 of the place itself, 1/8 and 1/16 of the others.
  public let leavesNeighbours: Bool
  /// How many places are tried at once; as many as fit into a moderate amount of memory where it is nil.
  public let batchSize: Int?

  /// Recipro-CAM. The result does not depend on the batch size.
  public init(leavesNeighbours: Bool = true, batchSize: Int? = nil) {
    self.leavesNeighbours = leavesNeighbours
    self.batchSize = batchSize
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    .ofLayers(
      try evidence.layers.enumerated().map { layer, maps in
        let elements = try evidence.elements(ofLayer: layer)
        let (height, width) = (maps.activations.shape[2], maps.activations.shape[3])
        let scores = try (0..<evidence.pictureCount).flatMap { picture in
          let scores = try evidence.scores(
            ofVariants: elements.placeCount, atLayer: layer, picture: picture, batchSize: batchSize, keptAs: "\(layer)"
          ) { place, features in
            for other in 0..<elements.placeCount {
              let weight = share(rows: other / width - place / width, columns: other % width - place % width)
              elements.forEach(atPlace: other) { features[$1] *= weight }
            }
          }
          let lowest = scores.min() ?? 0
          return scores.map { $0 - lowest }
        }
        return Tensor(scores, shape: [evidence.pictureCount, height, width])
      })
  }

  /// What is left of a place so many rows and columns away from the one that is tried.
  private func share(rows: Int, columns: Int) -> Float {
    guard leavesNeighbours else { return rows == 0 && columns == 0 ? 1 : 0 }
    guard abs(rows) <= 1, abs(columns) <= 1 else { return 0 }
    return (rows == 0 ? 0.5 : 0.25) * (columns == 0 ? 0.5 : 0.25)
  }
}
