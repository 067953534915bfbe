import Architectures
import Images
import LayerGraph
import Tensors

/// The core that all methods and architectures share: one forward, one backward for each target, and every method reads
/// what they gave.
public struct Explainer: Sendable {
  /// The model to explain.
  public let model: Model
  /// The layers to look at, resolved.
  public let layers: [NodeID]
  /// The layers' names as the model knows them.
  public let layerNames: [String]
  /// How their features become maps.
  public let reshape: ReshapeTransform
  /// The size of each layer's map.
  public let grids: [ImageSize]
  /// Whether somebody chose the layers, or how their features become maps.
  let looksAtChosenLayers: Bool
  /// Where maps are cut off before they are scaled, if anywhere.
  public var clipping: Clipping?
  /// Whether heatmaps keep what speaks against the target: from −1 to 1, with 0 where nothing speaks, in place of 0 to 1.
  public var keepsSigns = false

  /// An explainer of a model at some layers.
  ///
  /// - Parameters:
  ///   - layers: paths as a PyTorch user writes them; the architecture's recommended layer where left out.
  ///   - reshape: how the layers' features become maps.
  /// - Throws: `LayerPathError` where there is no such layer; ``ReshapeError``, or what a transform of one's own throws,
  ///   where its features cannot become maps. Whether methods can explain it there, ``check(_:)`` says.
  public init(_ model: Model, layers: [LayerPath] = [], reshape: ReshapeTransform = .automatic) throws {
    self.model = model
    self.reshape = reshape
    looksAtChosenLayers = !layers.isEmpty || reshape.description != ReshapeTransform.automatic.description
    let paths = layers.isEmpty ? [model.recommendedLayer] : layers
    self.layers = try paths.map { try model.graph.node(at: $0) }
    layerNames = paths.map(\.description)
    // Tried on zeros, so that a transform that does not fit is reported before anything runs.
    grids = try self.layers.map { layer in
      let features = Tensor(repeating: 0, shape: model.graph.nodes[layer].shape.batched(1))
      let maps = try reshape(features, layout: model.layout(of: layer))
      return ImageSize(height: maps.shape[2], width: maps.shape[3])
    }
  }

  /// Whether methods can explain the model at its layers, found before anything runs.
  ///
  /// - Throws: ``MethodError`` where a method does not fit the model; ``UnreachableLayer`` where one needs gradients or
  ///   tail runs and the score cannot depend on a layer.
  public func check(_ methods: [any ExplanationMethod]) throws {
    for method in methods {
      let nodes = try method.nodes(for: self)
      let readsRelevance = method.rules(for: self) != nil && nodes.contains(where: layers.contains)
      guard method.needs.needInfluence || readsRelevance else { continue }
      for (layer, name) in zip(layers, layerNames) { try model.checkGradientReaches(layer, path: LayerPath(name)) }
    }
  }

  /// The activations and the gradients of any layers for one target each picture, as the layers give them.
  ///
  /// - Parameters:
  ///   - input: preprocessed pictures, B×3×H×W.
  ///   - targets: one for each picture.
  ///   - layers: paths as a PyTorch user writes them.
  /// - Returns: for each layer its activation and gradient, batch first.
  /// - Throws: `RunError`, `LayerPathError`, ``TargetError``.
  public static func evidence(
    of model: Model, input: Tensor, targets: [ScoreTarget], layers: [LayerPath]
  ) throws -> [(activation: Tensor, gradient: Tensor)] {
    let (graph, nodes) = (model.graph, try layers.map { try model.graph.node(at: $0) })
    let kept = graph.nodesForGradients(of: graph.output, at: nodes).union([graph.output])
    let trace = try graph.run(input, keeping: .only(kept))
    let (_, seed) = try seeds(try result(of: graph.output, in: trace), targets)
    let gradients = try graph.gradients(of: graph.output, seed: seed, at: nodes, in: trace)
    return try nodes.map { node in
      let activation = try result(of: node, in: trace)
      return (activation, gradients[node] ?? Tensor(repeating: 0, shape: activation.shape))
    }
  }

  /// Explains a batch.
  ///
  /// - Parameters:
  ///   - input: preprocessed pictures, B×3×H×W.
  ///   - methods: the methods; all read the same forward and backward.
  ///   - progress: told how far slow methods have come.
  ///   - targets: what to explain, given a picture's place in the batch and its outputs; as many for each picture.
  /// - Throws: what ``check(_:)`` throws; `RunError` where the input does not fit, ``ReshapeError``, ``TargetError``;
  ///   `CancellationError` where the task was cancelled while a slow method ran.
  public func explain(
    _ input: Tensor, methods: [any ExplanationMethod], progress: ProgressReport? = nil,
    targets: (_ picture: Int, _ logits: [Float]) throws -> [ScoreTarget]
  ) throws -> ExplanationBatch {
    try check(methods)
    let gathering = try Gathering(self, methods: methods)
    let clock = ContinuousClock()
    var timings = Timings()
    let start = clock.now
    let run = try forward(input, gathering: gathering)
    timings.forward = clock.now - start

    let chosen = try (0..<input.batchCount).map { try targets($0, run.logits[$0].scalars) }
    let rounds = chosen.first?.count ?? 0
    guard chosen.allSatisfy({ $0.count == rounds }) else {
      throw TargetError("expected as many targets for each picture, found \(chosen.map(\.count))")
    }
    var explanations = [[Explanation]](repeating: [], count: input.batchCount)
    for round in 0..<rounds {
      let backwardStart = clock.now
      let evidence = try evidence(
        of: run, targets: chosen.map { $0[round] }, gathering: gathering, report: progress)
      let mapStart = clock.now
      timings.backward += mapStart - backwardStart
      for method in methods {
        let made = try explanation(by: method, of: evidence.named(method.title))
        for (picture, explanation) in made.enumerated() { explanations[picture].append(explanation) }
      }
      timings.map += clock.now - mapStart
    }
    return ExplanationBatch(logits: run.logits, explanations: explanations, timings: timings)
  }

  /// One method's maps for one target of each picture.
  private func explanation(by method: any ExplanationMethod, of evidence: Evidence) throws -> [Explanation] {
    let (maps, names, layers): ([Tensor], [String], [LayerEvidence])
    var concepts: [[Concept]]?
    var blur: GaussianBlur?
    switch try method.maps(of: evidence) {
    case .ofLayers(let found, let parts, let smoothing):
      (maps, names, layers) = (found, layerNames, method.needs.readLayers ? evidence.layers : [])
      (concepts, blur) = (parts, smoothing)
    // A map that is of no layer has no layer's evidence to be suspicious of.
    case .ofModel(let map, let source, let found):
      (maps, names, layers) = ([map], [source], [])
      blur = found
    }
    let heatmaps = Heatmap.combined(maps, size: model.imageSize, blur: blur, clipping: clipping, keepsSigns: keepsSigns)
    let isComplete = maps.count == 1 && method.rules(for: self) != nil
    return try evidence.targets.enumerated().map { picture, target in
      let completeness =
        isComplete
        ? try Completeness(maps[0][picture], of: target, logits: evidence.logits[picture].scalars) : nil
      return Explanation(
        method: method.title, layers: names, reshape: reshape.description, target: target.description,
        title: target.title(labels: model.labels), classIndex: target.classIndex, score: evidence.scores[picture],
        rawMaps: maps.map { $0[picture] }, heatmap: heatmaps[picture], isSigned: keepsSigns,
        diagnostics: maps.indices.flatMap {
          Diagnostic.diagnostics(
            layer: names[$0], evidence: layers.isEmpty ? nil : layers[$0], map: maps[$0], sample: picture,
            needsGradients: method.needs.contains(.gradients), isClipped: clipping != nil)
        } + (method.caution.map { [$0] } ?? []), concepts: concepts?[picture],
        completeness: completeness)
    }
  }
}
