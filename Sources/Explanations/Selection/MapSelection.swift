import Architectures
import Images
import LayerGraph
import Tensors

/// Chooses the layer, or the layer and the method, by what the model says about the changed picture: which layer to take is
/// the question that users ask most, and the answer differs from model to model and from picture to picture.
///
/// One forward and one backward give the maps of all methods at all candidate layers. An ``OcclusionProbe`` tells which of
/// them lie where the model reads; the best few are tried by ``ShortCurves``, and the largest insertion less deletion wins.
/// Where the method is chosen too, what the layers agree on (``Consensus``) is tried with them.
public struct MapSelection: Sendable {
  /// The model, with all candidate layers.
  public let explainer: Explainer
  /// The methods. One map is chosen for each group, among those of its methods at all layers.
  public let groups: [[any ExplanationMethod]]
  /// How many maps are tried by insertion and deletion.
  static let finalists = 12
  /// How much better another map has to be than relevance at the picture, which points at the object more often than the
  /// largest difference of two short curves does (`Docs/measures.md`).
  static let margin: Float = 0.5

  /// The methods that `best` chooses among: those that read the shared forward and backward and take no further runs.
  public static let methods: [any ExplanationMethod] = [
    GradCAM(), HiResCAM(), GradCAMElementWise(), GradCAMPlusPlus(), XGradCAM(), LayerCAM(), EigenGradCAM(),
    Relevance(at: .layers), Relevance(at: .input),
  ]

  /// A selection among layers.
  ///
  /// - Parameters:
  ///   - layers: the candidates; `Model.candidateLayers(atMost:)` where left out.
  ///   - methods: a map is chosen for each of them; where empty, one of all ``methods``.
  ///   - reshape: how the layers' features become maps; candidates that it does not fit are left out.
  /// - Throws: what ``Explainer`` and ``Explainer/check(_:)`` throw; ``MethodError`` for a method with concepts.
  public init(
    _ model: Model, layers: [LayerPath] = [], methods: [any ExplanationMethod] = [],
    reshape: ReshapeTransform = .automatic, clipping: Clipping? = nil
  ) throws {
    let fitting = model.candidateLayers().filter { (try? Explainer(model, layers: [$0], reshape: reshape)) != nil }
    var explainer = try Explainer(model, layers: layers.isEmpty ? fitting : layers, reshape: reshape)
    explainer.clipping = clipping
    groups = methods.isEmpty ? [Self.methods] : methods.map(Self.group)
    if let method = methods.first(where: { $0 is DeepFeatureFactorization }) {
      throw MethodError(method.title, "its concepts are those of one layer; name the layer")
    }
    try explainer.check(methods)
    self.explainer = explainer
  }

  /// What a method is chosen among: itself; relevance at the picture beside that at layers.
  private static func group(_ method: any ExplanationMethod) -> [any ExplanationMethod] {
    guard let relevance = method as? Relevance, relevance.place == .automatic else { return [method] }
    return [relevance.placed(at: .layers), relevance.placed(at: .input)]
  }

  /// Explains pictures, one after another.
  ///
  /// - Parameters: those of ``Explainer/explain(_:methods:progress:targets:)``, but for the methods.
  /// - Returns: for each picture, and each of its targets, one explanation for each of the ``groups``, with its
  ///   ``Explanation/ranking``.
  /// - Throws: what that throws.
  public func explain(
    _ input: Tensor, progress: ProgressReport? = nil,
    targets: (_ picture: Int, _ logits: [Float]) throws -> [ScoreTarget]
  ) throws -> ExplanationBatch {
    var chosen = [[ScoreTarget]]()
    let all = groups.flatMap { $0 }
    let batch = try explainer.explain(input, methods: all, progress: progress) { picture, logits in
      chosen.append(try targets(picture, logits))
      return chosen[picture]
    }
    let explanations = try batch.explanations.enumerated().map { picture, found in
      let sample = input.samples(picture..<picture + 1)
      return try chosen[picture].enumerated().flatMap { number, target in
        try best(of: Array(found[number * all.count..<(number + 1) * all.count]), target, sample, progress)
      }
    }
    return ExplanationBatch(logits: batch.logits, explanations: explanations, timings: batch.timings)
  }

  // MARK: One target of one picture

  /// A map that is compared.
  private struct Candidate {
    let explanation: Explanation
    let agreement: Float
    var curves: ShortCurves?

    /// What tried maps are ordered by.
    private var rank: Float? {
      curves.map { $0.difference + (explanation.isDefault ? MapSelection.margin : 0) }
    }

    /// Tried maps before others; among those the largest difference, else the best agreement first. To relevance at the
    /// picture a margin is given.
    static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
      switch (a.rank, b.rank) {
      case (let a?, let b?): a > b
      case (_?, nil): true
      case (nil, _?): false
      case (nil, nil): a.agreement > b.agreement
      }
    }
  }

  /// The best map of each group.
  private func best(
    of explanations: [Explanation], _ target: ScoreTarget, _ input: Tensor, _ progress: ProgressReport?
  ) throws -> [Explanation] {
    let score = Scorer(explainer.model, score: target.confidence(outputs: explainer.model.outputs))
    let blurred = GaussianBlur.covering(explainer.model.imageSize)(input)
    let (probe, probing) = try Cost.measured { try OcclusionProbe(input, blurred: blurred, score) }
    var first = 0
    return try groups.enumerated().map { place, group in
      progress?(Progress(method: "best", done: place, count: groups.count))
      try Task.checkCancellation()
      var maps = explanations[first..<first + group.count].flatMap(separated)
      if group.count > 1, let consensus = consensus(of: maps, probe) { maps.append(consensus) }
      let candidates = maps.map { Candidate(explanation: $0, agreement: probe.agreement($0.heatmap)) }
      first += group.count
      let (ranked, trying) = try Cost.measured { try compared(candidates, input, blurred: blurred, score) }
      let rows = ranked.map {
        MapRanking.Map(
          method: $0.explanation.method, layer: $0.explanation.layers.joined(separator: ","), agreement: $0.agreement,
          curves: $0.curves)
      }
      var winner = ranked[0].explanation
      winner.ranking = MapRanking(maps: rows, cost: probing + trying)
      return winner
    }
  }

  private func compared(
    _ candidates: [Candidate], _ input: Tensor, blurred: Tensor, _ score: Scorer
  ) throws -> [Candidate] {
    var ranked = candidates.sorted(by: Candidate.precedes)
    // Of maps that are equal, as those of several methods in front of a pooling are, one is tried.
    var tried = [Int]()
    for place in ranked.indices where tried.count < Self.finalists || ranked[place].explanation.isAlwaysTried {
      let heatmap = ranked[place].explanation.heatmap
      guard heatmap.scalars.contains(where: { $0 > 0 }),
        !tried.contains(where: { ranked[$0].explanation.heatmap.scalars == heatmap.scalars })
      else { continue }
      tried.append(place)
    }
    guard tried.count > 1 else { return ranked }
    let curves = try ShortCurves.curves(
      of: tried.map { ranked[$0].explanation.heatmap }, input, blurred: blurred, score)
    for (place, curves) in zip(tried, curves) { ranked[place].curves = curves }
    return ranked.sorted(by: Candidate.precedes)
  }

  /// What HiResCAM's maps at all layers agree on; nil where there is one layer only.
  private func consensus(of maps: [Explanation], _ probe: OcclusionProbe) -> Explanation? {
    let chosen = maps.filter { $0.method == HiResCAM.name }
    guard chosen.count > 1, let first = chosen.first else { return nil }
    let map = Consensus.map(of: chosen.map(\.heatmap), probe)
    let heatmap = Heatmap.scaled(map.reshaped(to: map.shape.batched(1)))[0]
    return first.at(layer: "\(chosen.count) layers", rawMap: map, heatmap: heatmap).replacing(
      method: "consensus", heatmap: heatmap)
  }

  /// An explanation at all layers as one at each of them.
  private func separated(_ explanation: Explanation) -> [Explanation] {
    guard explanation.rawMaps.count > 1 else { return [explanation] }
    return zip(explanation.layers, explanation.rawMaps).map { layer, map in
      let maps = map.reshaped(to: map.shape.batched(1))
      let heatmaps = Heatmap.combined([maps], size: explainer.model.imageSize, clipping: explainer.clipping)
      return explanation.at(layer: layer, rawMap: map, heatmap: heatmaps[0])
    }
  }
}

extension Explanation {
  /// Whether it is what is drawn where nothing is chosen.
  fileprivate var isDefault: Bool { method == Relevance.name && layers == ["input"] }

  /// Whether it is tried whatever the probe says.
  fileprivate var isAlwaysTried: Bool { method == "consensus" || isDefault }

  /// The part of an explanation at several layers that is about one of them.
  fileprivate func at(layer: String, rawMap: Tensor, heatmap: Tensor) -> Explanation {
    Explanation(
      method: method, layers: [layer], reshape: reshape, target: target, title: title, classIndex: classIndex,
      score: score, rawMaps: [rawMap], heatmap: heatmap, isSigned: false,
      diagnostics: diagnostics.filter { $0.layer.map { $0 == layer } ?? true }, concepts: nil, completeness: nil)
  }
}

extension GaussianBlur {
  /// So strong that hardly anything of a picture of this size can be recognised.
  static func covering(_ size: ImageSize) -> GaussianBlur {
    let sigma = Double(size.shorterSide) / 9.6
    return GaussianBlur(sigma: sigma, radius: Int(2.5 * sigma))
  }
}
