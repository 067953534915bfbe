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
    try outputs(
      ofVariants: count, at: explainer.layers[layer], picture: picture, batchSize: batchSize, change: change)
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
    try outputs(ofVariants: count, at: nil, picture: picture, batchSize: batchSize, change: change)
  }

  /// The scores of a picture's target for variants of its features at a layer, or of the picture itself. The outputs behind
  /// them serve the picture's other targets too, unless they are so many that they are better computed again.
  ///
  /// - Parameters:
  ///   - count: the number of variants.
  ///   - layer: the layer's place among the explainer's; the picture itself where left out.
  ///   - picture: the picture's place in the batch.
  ///   - batchSize: how many run at once; as many as fit into a moderate amount of memory where left out.
  ///   - name: tells these variants from others that the method makes.
  ///   - change: changes a variant.
  /// - Throws: as ``outputs(ofVariants:picture:batchSize:change:)`` and ``scores(of:picture:)``.
  public func scores(
    ofVariants count: Int, atLayer layer: Int? = nil, picture: Int, batchSize: Int? = nil, keptAs name: String,
    change: Variation
  ) throws -> [Float] {
    try scores(
      ofVariants: count, at: layer.map { explainer.layers[$0] }, picture: picture, batchSize: batchSize, keptAs: name,
      change: change)
  }

  /// The same for what a node gave that is all that goes on from a layer.
  func scores(
    ofVariants count: Int, at node: NodeID?, picture: Int, batchSize: Int?, keptAs name: String, change: Variation
  ) throws -> [Float] {
    if count * model.outputCount <= 1 << 24 {
      let outputs = try once("outputs \(name) \(picture)") {
        try self.outputs(ofVariants: count, at: node, picture: picture, batchSize: batchSize, change: change)
      }
      return try scores(of: outputs, picture: picture)
    }
    var scores = [Float]()
    try forEachBatch(ofVariants: count, at: node, picture: picture, batchSize: batchSize, change: change) {
      scores += try self.scores(of: $0, picture: picture)
    }
    return scores
  }

  /// The scores of a picture's target for several outputs, count×classes.
  ///
  /// - Throws: ``TargetError``.
  public func scores(of outputs: Tensor, picture: Int) throws(TargetError) -> [Float] {
    var scores = [Float]()
    for sample in 0..<outputs.batchCount { scores.append(try targets[picture](outputs[sample].scalars).score) }
    return scores
  }

  /// What bypasses a node of a graph on the way to the output, for one picture. The name tells the graph from others.
  func bypass(of node: NodeID, in graph: Graph, picture: Int, called name: String) throws -> Trace {
    let tail = graph.nodesForTail(from: [node], to: graph.output)
    guard !tail.isEmpty else { return Trace() }
    return try shared.value("bypass of \(node) in \(name)") {
      try graph.run(input, keeping: .only(tail))
    }.sample(picture)
  }

  // MARK: Batches

  /// The outputs for variants of what a node gave for one picture, or of the picture itself.
  private func outputs(
    ofVariants count: Int, at node: NodeID?, picture: Int, batchSize: Int?, change: Variation
  ) throws -> Tensor {
    var outputs = [Float]()
    try forEachBatch(ofVariants: count, at: node, picture: picture, batchSize: batchSize, change: change) {
      outputs += $0.scalars
    }
    return Tensor(outputs, shape: [count, outputs.count / max(1, count)])
  }

  /// Runs the model for variants of what a node gave for one picture, or of the picture itself, a batch after another.
  private func forEachBatch(
    ofVariants count: Int, at place: NodeID?, picture: Int, batchSize: Int?, change: Variation,
    _ body: (_ outputs: Tensor) throws -> Void
  ) throws {
    // A plan of its own, which keeps nothing that others read behind the node, and so computes less.
    let plan = place.map { model.plans.plan(keeping: [$0]) } ?? model.plans.plan()
    let graph = plan.graph
    let node = place.map { plan.node($0) } ?? graph.input
    let original = (place.map { result(of: $0) } ?? input).samples(picture..<picture + 1)
    let trace = try place.map { try bypass(of: node, in: graph, picture: picture, called: "plan of \($0)") } ?? Trace()
    let size = max(1, batchSize ?? Self.batchSize(of: graph, from: node))
    let width = original.count
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
      try body(try Explainer.result(of: graph.output, in: run))
    }
    try progress(done: count, of: count)
  }

  /// How many samples run at once from a node on: at most 64, and so many that the largest result of them all takes no more
  /// than 32 MB.
  private static func batchSize(of graph: Graph, from node: NodeID) -> Int {
    let largest = graph.paths(from: [node], to: graph.output).map { graph.nodes[$0].shape.count }.max() ?? 1
    return min(64, max(1, (8 << 20) / largest))
  }
}
