import Tensors

/// Where a node stands in its graph.
public typealias NodeID = Int

/// One step of a model.
public struct Node: Sendable {
  /// Its name, in timm's spelling: `blocks.11.attn.qkv`.
  public let name: String
  /// What it computes.
  public let op: any Op
  /// The nodes whose results it reads.
  public let inputs: [NodeID]
  /// The shape of one sample of its result.
  public let shape: Shape
}

/// A model: an immutable list of nodes in topological order.
///
/// There is no tree of modules and there are no hooks. What a PyTorch user would hook is a name here: a node's own, or the
/// alias of a scope (`blocks.11`) for the node whose result the module returns.
public struct Graph: Sendable {
  /// All nodes; the inputs of each stand before it. The first one is the model's input.
  public let nodes: [Node]
  /// The node whose result the model returns.
  public let output: NodeID
  /// Every name that can be asked for: the nodes' own and the scopes'.
  public let names: [String: NodeID]
  /// The model's own names in the order in which it computes them, a scope after what it contains.
  public let orderedNames: [String]
  /// The names that ``adding(names:)`` gave it besides, in their order.
  public let otherNames: [String]
  /// What the results of runs are written to, also those of the graph's plans.
  let memory: MemoryPool

  /// Whether the outputs are probabilities behind a sigmoid.
  public var endsInSigmoid: Bool { nodes[output].op is Sigmoid }

  /// The node that stands for the model's input.
  public var input: NodeID { 0 }

  init(nodes: [Node], output: NodeID, orderedNames: [(name: String, node: NodeID)]) {
    self.init(
      nodes: nodes, output: output, names: Dictionary(orderedNames.map { ($0.name, $0.node) }) { first, _ in first },
      orderedNames: orderedNames.map(\.name), otherNames: [], memory: MemoryPool())
  }

  private init(
    nodes: [Node], output: NodeID, names: [String: NodeID], orderedNames: [String], otherNames: [String],
    memory: MemoryPool
  ) {
    self.nodes = nodes
    self.output = output
    self.names = names
    self.orderedNames = orderedNames
    self.otherNames = otherNames
    self.memory = memory
  }

  /// This graph with more names for its nodes, for example those that another library gives to its layers. A name that
  /// is taken keeps its meaning.
  public func adding(names more: [(name: String, node: NodeID)]) -> Graph {
    let new = more.filter { names[$0.name] == nil }
    return Graph(
      nodes: nodes, output: output,
      names: names.merging(new.map { ($0.name, $0.node) }) { first, _ in first }, orderedNames: orderedNames,
      otherNames: otherNames + new.map(\.name), memory: memory)
  }

  /// A graph of other nodes under the names of this one's, where nodes of it have images there.
  func rewritten(nodes: [Node], output: NodeID, images: [NodeID: NodeID]) -> Graph {
    func isKnown(_ name: String) -> Bool { names[name].map { images[$0] != nil } ?? false }
    return Graph(
      nodes: nodes, output: output, names: names.compactMapValues { images[$0] },
      orderedNames: orderedNames.filter(isKnown), otherNames: otherNames.filter(isKnown),
      memory: memory)
  }

  /// The node at a path as a PyTorch user writes it, such as `blocks[-1].norm1`.
  ///
  /// - Throws: ``LayerPathError`` with the nearest names where there is none.
  public func node(at path: LayerPath) throws(LayerPathError) -> NodeID {
    try path.resolve(in: self)
  }
}

// MARK: Which nodes matter

extension Graph {
  /// The nodes whose results are computed from those of `sources`, themselves included.
  public func descendants(of sources: some Sequence<NodeID>) -> Set<NodeID> {
    var reached = Set(sources)
    for (id, node) in nodes.enumerated() where !reached.isDisjoint(with: node.inputs) {
      reached.insert(id)
    }
    return reached
  }

  /// The nodes that the results of `targets` are computed from, themselves included.
  public func ancestors(of targets: some Sequence<NodeID>) -> Set<NodeID> {
    var reached = Set(targets)
    for (id, node) in nodes.enumerated().reversed() where reached.contains(id) {
      reached.formUnion(node.inputs)
    }
    return reached
  }

  /// The nodes on a path from one of `sources` to `output`, both included.
  public func paths(from sources: some Sequence<NodeID>, to output: NodeID) -> Set<NodeID> {
    descendants(of: sources).intersection(ancestors(of: [output]))
  }

  /// What a trace has to keep so that ``gradients(of:seed:at:in:)`` finds all it reads.
  public func nodesForGradients(of output: NodeID, at targets: [NodeID]) -> Set<NodeID> {
    let path = paths(from: targets, to: output)
    let start = Set(targets)
    var kept = path.union(start).union([output])
    // A target's own op is differentiated only where the target is reached through another target.
    for id in path where !path.isDisjoint(with: nodes[id].inputs) {
      kept.formUnion(nodes[id].inputs)
    }
    return kept
  }

  /// What a trace has to keep so that a run that substitutes `substituted` and wants `output` computes the tail only:
  /// the results that bypass the substituted nodes, such as those of residual connections.
  public func nodesForTail(from substituted: [NodeID], to output: NodeID) -> Set<NodeID> {
    let tail = paths(from: substituted, to: output).subtracting(substituted)
    var kept = Set<NodeID>()
    for id in tail {
      kept.formUnion(nodes[id].inputs.filter { !tail.contains($0) })
    }
    return kept.subtracting(substituted)
  }
}
