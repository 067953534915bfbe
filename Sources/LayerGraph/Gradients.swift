import Tensors

extension Graph {
  /// The gradients of a scalar function of `output` at inner layers.
  ///
  /// Walks back from the output and visits only nodes on a path to one of the targets. The trace can serve many seeds.
  ///
  /// - Parameters:
  ///   - output: the node that the scalar is a function of, usually the logits.
  ///   - seed: the scalar's gradient with respect to `output`, in the shape of its batch.
  ///   - targets: the layers whose gradients are wanted.
  ///   - trace: a run that kept ``nodesForGradients(of:at:)``.
  ///   - rule: how gradients go back through activations; another rule than the derivative gives no gradients.
  ///   - base: where ops with kinks, such as ReLU, take their operands from in place of `trace`, so that each keeps to the
  ///     piece of its function that it had there. For differences of gradients that are to be second derivatives.
  /// - Returns: for each target a gradient in its batch's shape; zero where the output does not depend on it.
  /// - Throws: ``RunError`` where the trace lacks a result or the seed has another shape.
  public func gradients(
    of output: NodeID, seed: Tensor, at targets: [NodeID], in trace: Trace, rule: BackwardRule = .derivative,
    kinksFrom base: Trace? = nil
  ) throws(RunError) -> [NodeID: Tensor] {
    guard let value = trace[output] else { throw RunError("\(nodes[output].name): not in the trace") }
    guard seed.shape == value.shape else {
      throw RunError("\(nodes[output].name): expected a seed of \(value.shape), found \(seed.shape)")
    }
    if case .relevance = rule, let folded = foldedBatchNorms(keeping: targets + [output]) {
      return try folded.gradients(of: output, seed: seed, at: targets, in: trace, rule: rule)
    }
    RunTally.current?.add(\.backward, samples: seed.batchCount)
    let path = paths(from: targets, to: output)
    let firstProduct = nodes.firstIndex { $0.op.isProduct }
    var gradients: [NodeID: Tensor] = [output: seed]
    for id in path.sorted(by: >) where !path.isDisjoint(with: nodes[id].inputs) {
      let gradient = targets.contains(id) ? gradients[id] : gradients.removeValue(forKey: id)
      guard let gradient else { continue }
      let (inputs, result) = try operandsAndResult(of: id, in: trace)
      guard inputs.allSatisfy({ $0.batchCount == result.batchCount }) else {
        throw RunError("\(nodes[id].name): it was substituted, so that no gradient goes past it")
      }
      let read = try base.flatMap { base throws(RunError) in
        nodes[id].op.hasKinks ? try operandsAndResult(of: id, in: base, batch: gradient.batchCount) : nil
      }
      let inputGradients = Profile.measure(nodes[id], .backward) {
        memory.lend {
          rule.at(productPlace(of: id, first: firstProduct)).backward(
            nodes[id].op, gradient, inputs: read?.inputs ?? inputs, output: read?.result ?? result)
        }
      }
      for (input, inputGradient) in zip(nodes[id].inputs, inputGradients) where path.contains(input) {
        // What was broadcast to the batch owes its gradient to every sample.
        let share = trace[input]?.batchCount == 1 ? inputGradient.summedOverBatch() : inputGradient
        if gradients[input] == nil {
          gradients[input] = share
        } else {
          gradients[input]? += share
        }
      }
    }
    var found = [NodeID: Tensor]()
    for target in targets {
      let batch = trace[target]?.batchCount ?? seed.batchCount
      found[target] = gradients[target] ?? Tensor(repeating: 0, shape: nodes[target].shape.batched(batch))
    }
    return found
  }

  /// What a node read and gave; broadcast to a batch where one is named.
  private func operandsAndResult(
    of id: NodeID, in trace: Trace, batch: Int? = nil
  ) throws(RunError) -> (inputs: [Tensor], result: Tensor) {
    guard let result = trace[id] else { throw RunError("\(nodes[id].name): not in the trace") }
    let inputs = try operands(of: id, in: trace)
    guard let batch else { return (inputs, result) }
    return (inputs.map { $0.broadcast(toBatch: batch) }, result.broadcast(toBatch: batch))
  }
}

extension Op {
  /// Whether the derivative is the same everywhere but for jumps.
  fileprivate var hasKinks: Bool {
    switch self {
    case is ReLU, is ReLU6, is HardSigmoid, is MaxPool: true
    case let pool as GlobalPool: pool.kind == .maximum
    default: false
    }
  }
}

extension Graph {
  /// This graph with each batch norm in the convolution before it, so that the relevance is the same with and without a plan;
  /// nil where there is none.
  fileprivate func foldedBatchNorms(keeping kept: [NodeID]) -> Rewritten? {
    guard nodes.contains(where: { $0.op is BatchNorm && nodes[$0.inputs[0]].op is Convolution }) else { return nil }
    let folded = FoldedBatchNorm(graph: self, interest: Interest(kept: Set(kept), targets: Set(kept))).rewritten()
    return folded.graph.nodes.count < nodes.count ? folded : nil
  }
}

extension Rewritten {
  /// The gradients at nodes of the graph before, in a run of it.
  fileprivate func gradients(
    of output: NodeID, seed: Tensor, at targets: [NodeID], in trace: Trace, rule: BackwardRule
  ) throws(RunError) -> [NodeID: Tensor] {
    func image(_ node: NodeID) throws(RunError) -> NodeID {
      guard let image = images[node] else { throw RunError("node \(node): not kept") }
      return image
    }
    var translated = Trace()
    for node in trace.nodes { if let image = images[node] { translated[image] = trace[node] } }
    var wanted = [NodeID]()
    for target in targets { wanted.append(try image(target)) }
    let found = try graph.gradients(of: try image(output), seed: seed, at: wanted, in: translated, rule: rule)
    var gradients = [NodeID: Tensor]()
    for (target, image) in zip(targets, wanted) { gradients[target] = found[image] }
    return gradients
  }
}
