/// Lets a linear layer of maps with channels last read what goes into the norm before it, and the maps that are put side
/// by side before that, so that neither is written to memory.
struct PreparedProducts {
  let graph: Graph
  let interest: Interest

  func rewritten() -> Rewritten {
    let readers = graph.readers
    var rewriter = GraphRewriter(graph)
    for (id, node) in graph.nodes.enumerated() {
      if let linear = node.op as? Linear, let input = node.inputs.first, readers[input] == [id],
        !interest.kept.contains(input), let norm = graph.nodes[input].op as? ChannelsLastBatchNorm
      {
        let maps = graph.nodes[input].inputs.flatMap(joined)
        let op = PreparedLinear(linear: linear, norm: norm, mapCount: maps.count)
        let inputs = maps + node.inputs.dropFirst()
        rewriter.images[id] = rewriter.append(node.name, op, inputs.map(rewriter.image))
      } else {
        rewriter.copy(id)
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }

  /// The maps that a node puts side by side, those of such nodes before it included; else the node itself.
  private func joined(_ id: NodeID) -> [NodeID] {
    let node = graph.nodes[id]
    guard let op = node.op as? Concatenate, op.axis == 2, node.shape.rank == 3, !interest.kept.contains(id) else {
      return [id]
    }
    return node.inputs.flatMap(joined)
  }
}
