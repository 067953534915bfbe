/// Lets an activation come before a reshape or permutation that nothing else reads: it does not matter to it where its
/// scalars are, and the product before them can then apply it to its sums.
struct EarlyActivations {
  let graph: Graph
  let interest: Interest

  func rewritten() -> Rewritten {
    let readers = graph.readers
    /// The reshapes and permutations up to a node's input that only lead there, the last one first.
    func arrangements(before id: NodeID) -> [NodeID] {
      guard let input = graph.nodes[id].inputs.first, readers[input] == [id], !interest.kept.contains(input),
        graph.nodes[input].op is Reshape || graph.nodes[input].op is Permute
      else { return [] }
      return [input] + arrangements(before: input)
    }
    var rewriter = GraphRewriter(graph)
    for (id, node) in graph.nodes.enumerated() {
      let arrangements = node.op is any Pointwise ? arrangements(before: id) : []
      guard let first = arrangements.last else {
        rewriter.copy(id)
        continue
      }
      let source = rewriter.image(graph.nodes[first].inputs[0])
      rewriter.images[id] = arrangements.reversed().reduce(rewriter.append(node.name, node.op, [source])) {
        rewriter.append(graph.nodes[$1].name, graph.nodes[$1].op, [$0])
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }
}
