import Tensors

/// Computes only what is read: behind a head that reads the class token alone, the last block needs one query, one row of
/// its projection and one row of its perceptron.
///
/// From the back to the front, each node learns which parts of its result are read. Where these are disjoint and much less
/// than all of it, it is computed part by part, else whole.
struct ReadParts {
  let graph: Graph
  let interest: Interest

  func rewritten() -> Rewritten {
    let parts = neededParts()
    guard graph.nodes.indices.contains(where: { isPartial($0, parts[$0]) }) else {
      var rewriter = GraphRewriter(graph)
      for id in graph.nodes.indices { rewriter.copy(id) }
      return rewriter.finished(keeping: interest.kept)
    }
    var built = BuiltParts(rewriter: GraphRewriter(graph), needed: parts)
    for id in graph.nodes.indices {
      for box in parts[id] { built.build(id, box, reads: step(id, box)) }
    }
    return built.rewriter.finished(keeping: interest.kept)
  }

  private func isPartial(_ id: NodeID, _ boxes: [Box]) -> Bool {
    !boxes.isEmpty && boxes != [Box(whole: graph.nodes[id].shape)]
  }

  /// The parts to compute of each node's result; none where nobody reads it.
  private func neededParts() -> [[Box]] {
    var wanted = [[Box]](repeating: [], count: graph.nodes.count)
    for id in graph.nodes.indices.reversed() {
      let shape = graph.nodes[id].shape
      if interest.kept.contains(id) || id == graph.input { wanted[id].append(Box(whole: shape)) }
      guard !wanted[id].isEmpty else { continue }
      wanted[id] = resolved(wanted[id], id)
      for box in wanted[id] {
        for (input, read) in zip(graph.nodes[id].inputs, step(id, box).reads) where !wanted[input].contains(read) {
          wanted[input].append(read)
        }
      }
    }
    return wanted
  }

  /// The parts themselves where computing them one by one saves work, else all.
  private func resolved(_ boxes: [Box], _ id: NodeID) -> [Box] {
    let node = graph.nodes[id]
    let whole = [Box(whole: node.shape)]
    let isDisjoint = boxes.indices.allSatisfy { i in
      boxes[..<i].allSatisfy { $0.isDisjoint(from: boxes[i]) }
    }
    let count = boxes.reduce(0) { $0 + $1.shape.count }
    guard id != graph.input, isDisjoint, Double(count) < 0.9 * Double(node.shape.count),
      boxes.allSatisfy({ partly(id, $0) != nil })
    else { return whole }
    return boxes
  }

  private func partly(_ id: NodeID, _ box: Box) -> (op: any Op, reads: [Box])? {
    let node = graph.nodes[id]
    return (node.op as? any PartlyComputable)?.part(
      box, of: node.shape, inputs: node.inputs.map { graph.nodes[$0].shape })
  }

  /// How a part of a node is computed: with the node's own op where it is the whole.
  private func step(_ id: NodeID, _ box: Box) -> (op: any Op, reads: [Box]) {
    let node = graph.nodes[id]
    let whole = (op: node.op, reads: node.inputs.map { Box(whole: graph.nodes[$0].shape) })
    // A slice that is read whole still reads only a part.
    guard !box.isWhole(of: node.shape) || node.op is Slice else { return whole }
    return partly(id, box) ?? whole
  }
}

/// The new nodes for the parts that were built.
private struct BuiltParts {
  private struct Key: Hashable {
    let node: NodeID
    let box: Box
  }

  var rewriter: GraphRewriter
  let needed: [[Box]]
  private var places: [Key: NodeID] = [:]

  init(rewriter: GraphRewriter, needed: [[Box]]) {
    self.rewriter = rewriter
    self.needed = needed
  }

  mutating func build(_ id: NodeID, _ box: Box, reads step: (op: any Op, reads: [Box])) {
    let node = rewriter.original.nodes[id]
    let inputs = zip(node.inputs, step.reads).map { find($0, $1) }
    let place = rewriter.append(node.name, step.op, inputs)
    places[Key(node: id, box: box)] = place
    if box.isWhole(of: node.shape) { rewriter.images[id] = place }
  }

  /// The node that has computed a part, or that cuts it out of the whole.
  private mutating func find(_ id: NodeID, _ box: Box) -> NodeID {
    if let place = places[Key(node: id, box: box)] { return place }
    let (name, shape) = (rewriter.original.nodes[id].name, rewriter.original.nodes[id].shape)
    var place = rewriter.image(id)
    for axis in box.restrictedAxes(of: shape) {
      place = rewriter.append("\(name).part", Slice(axis: axis, range: box.ranges[axis]), [place])
    }
    places[Key(node: id, box: box)] = place
    return place
  }
}
