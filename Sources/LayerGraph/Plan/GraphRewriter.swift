/// Writes a graph anew, node by node.
struct GraphRewriter {
  let original: Graph
  private(set) var nodes: [Node] = []
  /// The new node for each node of the original that has one.
  var images: [NodeID: NodeID] = [:]

  init(_ original: Graph) {
    self.original = original
  }

  /// Appends a node of the new graph.
  mutating func append(_ name: String, _ op: any Op, _ inputs: [NodeID]) -> NodeID {
    do {
      let shape = try op.outputShape(for: inputs.map { nodes[$0].shape })
      nodes.append(Node(name: name, op: op, inputs: inputs, shape: shape))
      return nodes.count - 1
    } catch {
      preconditionFailure("\(name): a rewriting does not fit: \(error)")
    }
  }

  /// Copies a node of the original whose inputs have images.
  mutating func copy(_ id: NodeID) {
    let node = original.nodes[id]
    images[id] = append(node.name, node.op, node.inputs.map(image))
  }

  /// The new node for a node of the original.
  func image(_ id: NodeID) -> NodeID {
    guard let image = images[id] else { preconditionFailure("\(original.nodes[id].name): hidden, but read") }
    return image
  }

  /// The new graph without what nothing kept depends on, under the names of the nodes that have images.
  func finished(keeping kept: Set<NodeID>) -> Rewritten {
    var needed = Set(kept.map(image)).union([0])
    for (id, node) in nodes.enumerated().reversed() where needed.contains(id) { needed.formUnion(node.inputs) }
    var places = [NodeID: NodeID]()
    var remaining = [Node]()
    for (id, node) in nodes.enumerated() where needed.contains(id) {
      places[id] = remaining.count
      remaining.append(
        Node(name: node.name, op: node.op, inputs: node.inputs.compactMap { places[$0] }, shape: node.shape))
    }
    let images = images.compactMapValues { places[$0] }
    return Rewritten(
      graph: original.rewritten(nodes: remaining, output: images[original.output] ?? 0, images: images), images: images)
  }
}

extension Graph {
  /// How many nodes read each node.
  var readers: [NodeID: [NodeID]] {
    var readers = [NodeID: [NodeID]]()
    for (id, node) in nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(id) }
    }
    return readers
  }
}
