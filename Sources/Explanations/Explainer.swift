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

  /// An explainer of a model at some layers.
  ///
  /// - Parameters:
  ///   - layers: paths as a PyTorch user writes them; the architecture's recommended layer where left out.
  ///   - reshape: how the layers' features become maps.
  /// - Throws: `LayerPathError` where there is no such layer; ``UnreachableLayer`` where no gradient can reach it;
  ///   ``ReshapeError``, or what a transform of one's own throws, where its features cannot become maps.
  public init(_ model: Model, layers: [LayerPath] = [], reshape: ReshapeTransform = .automatic) throws {
    self.model = model
    self.reshape = reshape
    let paths = layers.isEmpty ? [model.recommendedLayer] : layers
    self.layers = try paths.map { try model.graph.node(at: $0) }
    layerNames = paths.map(\.description)
    for (layer, path) in zip(self.layers, paths) { try model.checkGradientReaches(layer, path: path) }
    // Tried on zeros, so that a transform that does not fit is reported before anything runs.
    grids = try self.layers.map { layer in
      let features = Tensor(repeating: 0, shape: model.graph.nodes[layer].shape.batched(1))
      let maps = try reshape(features, layout: model.layout(of: layer))
      return ImageSize(height: maps.shape[2], width: maps.shape[3])
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
    let nodes = try layers.map { try model.graph.node(at: $0) }
    let trace = try forward(model, input, keepingGradientsAt: nodes)
    let logits = try result(of: model.graph.output, in: trace)
    let (_, seed) = try seeds(logits, targets)
    let gradients = try model.graph.gradients(of: model.graph.output, seed: seed, at: nodes, in: trace)
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
  ///   - targets: what to explain, given a picture's place in the batch and its outputs; as many for each picture.
  /// - Throws: `RunError` where the input does not fit, ``ReshapeError``, ``TargetError``.
  public func explain(
    _ input: Tensor, methods: [any ExplanationMethod],
    targets: (_ picture: Int, _ logits: [Float]) throws -> [ScoreTarget]
  ) throws -> ExplanationBatch {
    let clock = ContinuousClock()
    var timings = Timings()
    let start = clock.now
    let trace = try Self.forward(model, input, keepingGradientsAt: layers)
    let logits = try Self.result(of: model.graph.output, in: trace)
    let activations = try layers.map { try reshape(try Self.result(of: $0, in: trace), layout: model.layout(of: $0)) }
    timings.forward = clock.now - start

    let chosen = try (0..<input.batchCount).map { try targets($0, logits[$0].scalars) }
    let rounds = chosen.first?.count ?? 0
    guard chosen.allSatisfy({ $0.count == rounds }) else {
      throw TargetError("expected as many targets for each picture, found \(chosen.map(\.count))")
    }
    var explanations = [[Explanation]](repeating: [], count: input.batchCount)
    for round in 0..<rounds {
      let roundTargets = chosen.map { $0[round] }
      let backwardStart = clock.now
      let (scores, seed) = try Self.seeds(logits, roundTargets)
      let gradients = try model.graph.gradients(of: model.graph.output, seed: seed, at: layers, in: trace)
      let evidence = try zip(layers, activations).map { layer, activation in
        let gradient = gradients[layer] ?? Tensor(repeating: 0, shape: activation.shape)
        return LayerEvidence(activations: activation, gradients: try reshape(gradient, layout: model.layout(of: layer)))
      }
      let mapStart = clock.now
      timings.backward += mapStart - backwardStart
      for method in methods {
        let made = explanation(by: method, of: evidence, targets: roundTargets, scores: scores)
        for (picture, explanation) in made.enumerated() { explanations[picture].append(explanation) }
      }
      timings.map += clock.now - mapStart
    }
    return ExplanationBatch(logits: logits, explanations: explanations, timings: timings)
  }

  /// One method's maps for one target of each picture.
  private func explanation(
    by method: any ExplanationMethod, of evidence: [LayerEvidence], targets: [ScoreTarget], scores: [Float]
  ) -> [Explanation] {
    let maps = evidence.map { method.map($0) }
    let heatmaps = Heatmap.combined(maps, size: model.imageSize)
    return targets.indices.map { picture in
      Explanation(
        method: type(of: method).name, layers: layerNames, reshape: reshape.description,
        target: targets[picture].description, title: targets[picture].title(labels: model.labels),
        classIndex: targets[picture].classIndex, score: scores[picture],
        rawMaps: maps.map { $0[picture] }, heatmap: heatmaps[picture],
        diagnostics: evidence.indices.flatMap {
          Diagnostic.diagnostics(
            layer: layerNames[$0], evidence: evidence[$0], map: maps[$0], sample: picture,
            needsGradients: type(of: method).needsGradients)
        })
    }
  }

  // MARK: Steps

  private static func forward(_ model: Model, _ input: Tensor, keepingGradientsAt layers: [NodeID]) throws -> Trace {
    let graph = model.graph
    let kept = graph.nodesForGradients(of: graph.output, at: layers).union(layers).union([graph.output])
    return try graph.run(input, keeping: .only(kept))
  }

  private static func result(of node: NodeID, in trace: Trace) throws -> Tensor {
    guard let tensor = trace[node] else { preconditionFailure("the run kept this node") }
    return tensor
  }

  /// The scores of one target for each picture, and the gradient to start from: B×classes.
  private static func seeds(_ logits: Tensor, _ targets: [ScoreTarget]) throws(TargetError) -> ([Float], Tensor) {
    guard targets.count == logits.batchCount else {
      throw TargetError("expected a target for each of \(logits.batchCount) pictures, found \(targets.count)")
    }
    var scores = [Float]()
    var seed = [Float]()
    for (picture, target) in targets.enumerated() {
      let (score, gradient) = try target(logits[picture].scalars)
      scores.append(score)
      seed += gradient
    }
    return (scores, Tensor(seed, shape: logits.shape))
  }
}
