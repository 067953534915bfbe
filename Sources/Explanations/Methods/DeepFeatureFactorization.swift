import LayerGraph
import Tensors

/// The concepts of a picture at a layer (Collins, Achanta, Süsstrunk 2018): a non-negative matrix factorisation of A minus each
/// channel's minimum. The map for a target is that of the concept which speaks most for it: each concept's score is the
/// target's when every place of the layer has the concept's features, and only the rest of the model runs.
///
/// The factorisation is of each picture by itself and starts from seeded numbers. All concepts are in
/// ``Explanation/concepts``.
public struct DeepFeatureFactorization: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "dff"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "concepts: parts with like features, labelled with their classes (Collins et al. 2018)"
  /// The layer, and a run of the rest of the model.
  public let needs: Needs = [.activations, .tailRuns]

  /// The number of concepts, fewer where the layer has fewer places or channels.
  public let count: Int
  /// What the start of the factorisation follows from.
  public let seed: UInt64

  /// Deep feature factorisation.
  public init(count: Int = 5, seed: UInt64 = 0) {
    self.count = count
    self.seed = seed
  }

  /// None; refuses several layers, whose concepts have nothing to do with each other.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    guard explainer.layers.count == 1 else {
      throw MethodError(Self.name, "it takes one layer, found \(explainer.layerNames.joined(separator: ", "))")
    }
    return []
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let concepts = try (0..<evidence.pictureCount).map { picture in
      try evidence.once("\(picture)") {
        try evidence.concepts(max(1, count), ofLayer: 0, picture: picture, seed: seed)
      }
    }
    var chosen = [Float]()
    for (picture, found) in concepts.enumerated() {
      let scores = try found.map { try evidence.targets[picture]($0.outputs).score }
      let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
      chosen += found[best].map.scalars
    }
    let shape = evidence.layers[0].activations.shape
    return .ofLayers([Tensor(chosen, shape: [shape[0], shape[2], shape[3]])], concepts: concepts)
  }
}
