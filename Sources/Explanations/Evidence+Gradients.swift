import LayerGraph
import Tensors

/// Further gradients that a method asks for.
extension Evidence {
  /// The evidence for variants of a picture, all with its target: a forward and a backward of their own.
  ///
  /// - Parameters:
  ///   - variants: preprocessed pictures, N×3×H×W.
  ///   - picture: the place in the batch of the picture whose target they take.
  ///   - needs: what is read of it.
  ///   - nodes: the nodes whose results are read, and their gradients where `needs` says so.
  /// - Throws: `CancellationError` where the task was cancelled, `RunError`, ``TargetError``.
  public func evidence(
    ofVariants variants: Tensor, picture: Int, needs: Needs, nodes: [NodeID] = []
  ) throws -> Evidence {
    let repeated = [ScoreTarget](repeating: targets[picture], count: variants.batchCount)
    return try evidence(of: variants, targets: repeated, needs: needs, nodes: nodes)
  }

  /// The evidence for other pictures in place of these, each with the target of the one that it replaces. Parameters and
  /// errors are those of ``evidence(ofVariants:picture:needs:nodes:)``.
  public func evidence(replacingInput input: Tensor, needs: Needs, nodes: [NodeID] = []) throws -> Evidence {
    try evidence(of: input, targets: targets, needs: needs, nodes: nodes)
  }

  private func evidence(
    of pictures: Tensor, targets: [ScoreTarget], needs: Needs, nodes: [NodeID]
  ) throws -> Evidence {
    try Task.checkCancellation()
    let gathering = Gathering(explainer, needs: needs, nodes: nodes)
    let run = try explainer.forward(pictures, gathering: gathering)
    return try explainer.evidence(of: run, targets: targets, gathering: gathering, report: nil).named(method)
  }

  /// The gradients of other targets of these pictures at the layers, from the same forward.
  ///
  /// - Parameter targets: one for each picture; the method has to say that it needs ``Needs/otherTargets``.
  /// - Returns: for each layer B×C×H×W.
  /// - Throws: `RunError`, ``TargetError``.
  public func layerGradients(of targets: [ScoreTarget]) throws -> [Tensor] {
    let (_, seed) = try Explainer.seeds(logits, targets)
    let gradients = try plan.gradients(seed: seed, at: explainer.layers, in: trace)
    return try explainer.layers.map { layer in
      let gradient = gradients[layer] ?? Tensor(repeating: 0, shape: result(of: layer).shape)
      return try explainer.featureMaps(gradient, of: layer)
    }
  }

  /// The gradient of a picture's score at a layer whose features are replaced by others.
  ///
  /// - Parameters:
  ///   - layer: the layer's place among the explainer's; the method has to say that it needs ``Needs/tailRuns``.
  ///   - features: the features of N variants in the layer's own layout, batch first.
  ///   - picture: the picture's place in the batch.
  ///   - keepingKinks: whether ReLU and the like keep to the piece of their function that they have for the picture itself,
  ///     so that differences of gradients are second derivatives.
  /// - Returns: the gradient, in the shape of `features`.
  /// - Throws: `CancellationError` where the task was cancelled, `RunError`, ``TargetError``.
  public func gradient(
    atLayer layer: Int, of features: Tensor, picture: Int, keepingKinks: Bool = false
  ) throws -> Tensor {
    try Task.checkCancellation()
    // Not a plan, whose products have their kinks inside.
    let (graph, node) = (model.graph, explainer.layers[layer])
    let kept = Retention.only(graph.nodesForGradients(of: graph.output, at: [node]).union([node, graph.output]))
    let bypass = try self.bypass(of: node, in: graph, picture: picture, called: "model")
    let tail = try graph.run(substituting: [node: features], in: bypass, keeping: kept)
    let base =
      try keepingKinks
      ? graph.run(substituting: [node: result(of: node).samples(picture..<picture + 1)], in: bypass, keeping: kept)
      : nil
    let targets = [ScoreTarget](repeating: targets[picture], count: features.batchCount)
    let (_, seed) = try Explainer.seeds(try Explainer.result(of: graph.output, in: tail), targets)
    let gradients = try graph.gradients(of: graph.output, seed: seed, at: [node], in: tail, kinksFrom: base)
    return gradients[node] ?? Tensor(repeating: 0, shape: features.shape)
  }
}
