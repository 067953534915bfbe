import Tensors

/// Puts one step in the place of an attention's product of queries and keys, bias, softmax and product with the values, where
/// nobody asks for the scores or the maps. The step reads through slices, permutations and reshapes before it and writes
/// through those behind it, so that they are no steps either.
struct FusedAttention {
  let graph: Graph
  let interest: Interest
  private let weights: PackedWeights
  private let readers: [NodeID: [NodeID]]

  init(graph: Graph, interest: Interest, weights: PackedWeights) {
    self.graph = graph
    self.interest = interest
    self.weights = weights
    readers = graph.readers
  }

  func rewritten() -> Rewritten {
    var rewriter = GraphRewriter(graph)
    var fused = [NodeID: Fused]()
    for id in graph.nodes.indices {
      if let attention = fusedAttention(endingAt: id) { fused[attention.last] = attention }
      if let attention = fused[id] {
        let inputs = attention.inputs.map(rewriter.image)
        rewriter.images[id] = rewriter.append(graph.nodes[attention.product].name, attention.op, inputs)
      } else {
        rewriter.copy(id)
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }

  private struct Fused {
    let op: Attention
    let inputs: [NodeID]
    /// The product with the values, whose name it gets, and the node whose result it gives.
    let product: NodeID
    let last: NodeID
  }

  private func fusedAttention(endingAt product: NodeID) -> Fused? {
    guard let mixing = graph.nodes[product].op as? MatrixProduct, mixing.factor == 1, !mixing.transposesRight,
      let softmax = onlyRead(graph.nodes[product].inputs[0], by: product), softmax.op is Softmax,
      let (scores, biases) = scores(readBy: graph.nodes[product].inputs[0]),
      let scoring = scores.op as? MatrixProduct, scoring.transposesRight
    else { return nil }
    let sources = [scores.inputs[0], scores.inputs[1], graph.nodes[product].inputs[1]].map(source)
    guard areApart(sources) else { return nil }
    let inputs = sources.map(\.node).reduce(into: [NodeID]()) { if !$0.contains($1) { $0.append($1) } }
    let operands = sources.compactMap { source in
      StridedMatrices(source.view).flatMap { matrices in
        inputs.firstIndex(of: source.node).map { Attention.Operand(input: $0, matrices: matrices) }
      }
    }
    guard operands.count == 3, let bias = bias(of: biases, scores: scores.shape), let target = target(of: product)
    else { return nil }
    let op = Attention(
      queries: operands[0], keys: operands[1], values: operands[2], factor: scoring.factor,
      bias: bias, inputShapes: inputs.map { graph.nodes[$0].shape }, result: target.matrices,
      resultShape: graph.nodes[target.node].shape)
    return Fused(op: op, inputs: inputs, product: product, last: target.node)
  }

  /// The product that a softmax reads, and what is added to it in between, the last first.
  private func scores(readBy softmax: NodeID) -> (product: Node, biases: [Node])? {
    var (reader, biases) = (softmax, [Node]())
    while let node = onlyRead(graph.nodes[reader].inputs[0], by: reader) {
      guard node.op is AttentionBias || (node.op as? ConstantOperand)?.kind == .sum else { return (node, biases) }
      biases.append(node)
      reader = graph.nodes[reader].inputs[0]
    }
    return nil
  }

  /// What some nodes add to scores; nil where that is not the same for whole matrices of them.
  private func bias(of nodes: [Node], scores: Shape) -> ScoreBias? {
    guard let first = nodes.first else { return ScoreBias(keys: scores[-1]) }
    if nodes.count == 1, let bias = first.op as? AttentionBias {
      return weights.biases.value(of: first.name) { ScoreBias(bias) }
    }
    let constants = nodes.compactMap { $0.op as? ConstantOperand }
    guard constants.count == nodes.count, ScoreBias.canAdd(constants, scores: scores) else { return nil }
    return weights.biases.value(of: first.name) { ScoreBias(constants, scores: scores) }
  }

  /// A node that nobody asks for and nobody else reads.
  private func onlyRead(_ id: NodeID, by reader: NodeID) -> Node? {
    interest.kept.contains(id) || readers[id] != [reader] ? nil : graph.nodes[id]
  }

  // MARK: What is read and written

  /// What a node's result can be read from as matrices: a node before it, where it was only arranged since.
  private func source(_ id: NodeID) -> (node: NodeID, view: StridedView) {
    let source = arranged(id)
    return StridedMatrices(source.view) == nil ? (id, StridedView(whole: graph.nodes[id].shape)) : source
  }

  /// A node's result as a view of another one: as far back as it was only arranged, and nobody could substitute it.
  private func arranged(_ id: NodeID) -> (node: NodeID, view: StridedView) {
    let node = graph.nodes[id]
    guard !interest.kept.contains(id), let input = node.inputs.first else {
      return (id, StridedView(whole: node.shape))
    }
    let source = arranged(input)
    return source.view.arranged(by: node.op).map { (source.node, $0) } ?? (id, StridedView(whole: node.shape))
  }

  /// Whether the gradients of operands do not run into each other: those of the same node are the same or apart.
  private func areApart(_ sources: [(node: NodeID, view: StridedView)]) -> Bool {
    sources.indices.allSatisfy { i in
      sources[..<i].allSatisfy { other in
        other.node != sources[i].node || other.view == sources[i].view || other.view.isDisjoint(from: sources[i].view)
      }
    }
  }

  /// The node behind a product up to which its result is only arranged, and where the product's matrices are in that.
  private func target(of product: NodeID) -> (node: NodeID, matrices: StridedMatrices)? {
    var chain = [product]
    var target = StridedMatrices(StridedView(whole: graph.nodes[product].shape)).map { (node: product, matrices: $0) }
    while let last = chain.last, !interest.kept.contains(last), let next = readers[last], next.count == 1 {
      chain.append(next[0])
      guard let view = firstOfChain(chain) else { break }
      if let matrices = StridedMatrices(view) { target = (next[0], matrices) }
    }
    return target
  }

  /// The result of a chain's first node as a view of that of its last one; nil where more was done than arranging it.
  private func firstOfChain(_ chain: [NodeID]) -> StridedView? {
    let whole = chain.last.map { StridedView(whole: graph.nodes[$0].shape) }
    return zip(chain, chain.dropFirst()).reversed().reduce(whole) { view, step in
      view?.before(graph.nodes[step.1].op, of: graph.nodes[step.0].shape)
    }
  }
}
