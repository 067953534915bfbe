import LayerGraph
import Tensors

/// Further runs of the model that a method asks for.
extension Evidence {
  /// Writes a variant in place; what is there before is the original.
  public typealias Variation = (_ variant: Int, _ scalars: UnsafeMutableBufferPointer<Float>) -> Void

  /// The model's outputs for variants of a picture's features at a layer. Only the rest of the model behind the layer runs,
  /// in batches of a bounded size; the results do not depend on that size.
  ///
  /// - Parameters:
  ///   - count: the number of variants.
  ///   - layer: the layer's place among the explainer's; the method has to say that it needs ``Needs/tailRuns``.
  ///   - picture: the picture's place in the batch.
  ///   - batchSize: how many run at once; as many as fit into a moderate amount of memory where left out.
  ///   - change: changes the features of a variant, which are in the layer's own layout.
  /// - Returns: count×classes.
  /// - Throws: `CancellationError` where the task was cancelled, `RunError`.
  public func outputs(
    ofVariants count: Int, atLayer layer: Int, picture: Int, batchSize: Int? = nil, change: Variation
  ) throws -> Tensor {
    let node = explainer.layers[layer]
    let original = result(of: node)
    // A plan of its own, which keeps nothing that others read behind the layer, and so computes less.
    let plan = model.plans.plan(keeping: [node])
    let tail = plan.graph.nodesForTail(from: [plan.node(node)], to: plan.graph.output)
    let bypass = try shared.value("tail from \(node)") { try plan.graph.run(input, keeping: .only(tail)) }
    return try outputs(
      count, of: original.samples(picture..<picture + 1), at: plan.node(node), of: plan.graph,
      in: bypass.sample(picture), batchSize: batchSize, change: change)
  }

  /// The model's outputs for variants of a picture. They run in batches of a bounded size, so that memory does not grow with
  /// their number.
  ///
  /// - Parameters:
  ///   - count: the number of variants.
  ///   - picture: the picture's place in the batch.
  ///   - batchSize: how many run at once; as many as fit into a moderate amount of memory where left out.
  ///   - change: changes a variant, C×H×W.
  /// - Returns: count×classes.
  /// - Throws: `CancellationError` where the task was cancelled, `RunError`.
  public func outputs(
    ofVariants count: Int, picture: Int, batchSize: Int? = nil, change: Variation
  ) throws -> Tensor {
    let graph = model.plans.plan().graph
    return try outputs(
      count, of: input.samples(picture..<picture + 1), at: graph.input, of: graph, in: Trace(), batchSize: batchSize,
      change: change)
  }

  /// The scores of a picture's target for several outputs, count×classes.
  ///
  /// - Throws: ``TargetError``.
  public func scores(of outputs: Tensor, picture: Int) throws(TargetError) -> [Float] {
    var scores = [Float]()
    for sample in 0..<outputs.batchCount { scores.append(try targets[picture](outputs[sample].scalars).score) }
    return scores
  }

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
    try Task.checkCancellation()
    let gathering = Gathering(explainer, needs: needs, nodes: nodes)
    let run = try explainer.forward(variants, gathering: gathering)
    let targets = [ScoreTarget](repeating: targets[picture], count: variants.batchCount)
    return try explainer.evidence(of: run, targets: targets, gathering: gathering, report: nil).named(method)
  }

  /// The gradient of a picture's score at a layer whose features are replaced by others.
  ///
  /// - Parameters:
  ///   - layer: the layer's place among the explainer's; the method has to say that it needs ``Needs/tailRuns``.
  ///   - features: the features of N variants in the layer's own layout, batch first.
  ///   - picture: the picture's place in the batch.
  /// - Returns: the gradient, in the shape of `features`.
  /// - Throws: `RunError`, ``TargetError``.
  public func gradient(atLayer layer: Int, of features: Tensor, picture: Int) throws -> Tensor {
    let (graph, node) = (plan.graph, plan.node(explainer.layers[layer]))
    let kept = graph.nodesForGradients(of: graph.output, at: [node]).union([node, graph.output])
    let tail = try graph.run(substituting: [node: features], in: trace.sample(picture), keeping: .only(kept))
    guard let outputs = tail[graph.output] else { preconditionFailure("the run kept its output") }
    let (_, seed) = try Explainer.seeds(
      outputs, [ScoreTarget](repeating: targets[picture], count: features.batchCount))
    let gradients = try graph.gradients(of: graph.output, seed: seed, at: [node], in: tail)
    return gradients[node] ?? Tensor(repeating: 0, shape: features.shape)
  }

  // MARK: Batches

  /// The outputs for variants of what a node gave for one picture.
  private func outputs(
    _ count: Int, of original: Tensor, at node: NodeID, of graph: Graph, in trace: Trace, batchSize: Int?,
    change: Variation
  ) throws -> Tensor {
    let size = max(1, batchSize ?? Self.batchSize(of: graph, from: node))
    let width = original.count
    var outputs = [Float]()
    for start in stride(from: 0, to: count, by: size) {
      try progress(done: start, of: count)
      let variants = start..<min(start + size, count)
      let batch = Tensor(unfilled: original.shape.perSample.batched(variants.count)) { result in
        original.withScalars { original in
          for (place, variant) in variants.enumerated() {
            let sample = UnsafeMutableBufferPointer(rebasing: result[place * width..<(place + 1) * width])
            _ = sample.update(fromContentsOf: original)
            change(variant, sample)
          }
        }
      }
      let run = try graph.run(substituting: [node: batch], in: trace, keeping: .only([graph.output]))
      guard let logits = run[graph.output] else { preconditionFailure("the run kept its output") }
      outputs += logits.scalars
    }
    try progress(done: count, of: count)
    return Tensor(outputs, shape: [count, outputs.count / max(1, count)])
  }

  /// How many samples run at once from a node on: at most 64, and so many that the largest result of them all takes no more
  /// than 32 MB.
  private static func batchSize(of graph: Graph, from node: NodeID) -> Int {
    let largest = graph.paths(from: [node], to: graph.output).map { graph.nodes[$0].shape.count }.max() ?? 1
    return min(64, max(1, (8 << 20) / largest))
  }
}
