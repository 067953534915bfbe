import Tensors

/// Lets products finish their sums: an activation, or the addition of a residual and then an activation, behind a product
/// that nothing else reads is applied before the sums leave the cache.
struct FinishedProducts {
  let graph: Graph
  let interest: Interest
  /// Where there are any, no activation but ReLU ends a product: others have a rule of their own, or hide the sums.
  let rules: RelevanceRules

  func rewritten() -> Rewritten {
    let hosts = hosts()
    var rewriter = GraphRewriter(graph)
    let hidden = Set(hosts.values.flatMap(\.hidden))
    for id in graph.nodes.indices where !hidden.contains(id) {
      if let host = hosts[id] {
        rewriter.images[id] = rewriter.append(graph.nodes[id].name, host.op, host.inputs.map(rewriter.image))
      } else {
        rewriter.copy(id)
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }

  /// A product that does the work of the nodes behind it, under the last one's name.
  private struct Host {
    var op: any FinishedProduct
    var inputs: [NodeID]
    var hidden: [NodeID]
  }

  /// The products that take in what follows them, by the last node that they take in.
  private func hosts() -> [NodeID: Host] {
    let readers = graph.readers
    let differentiated = graph.paths(from: interest.targets, to: graph.output)
    func isRead(_ id: NodeID, onlyBy reader: NodeID) -> Bool {
      !interest.kept.contains(id) && readers[id] == [reader]
    }
    var hosts = [NodeID: Host]()
    for (id, node) in graph.nodes.enumerated() {
      if let activation = node.op as? any Pointwise, let input = node.inputs.first, isRead(input, onlyBy: id),
        !(activation.derivativeReadsInput && differentiated.contains(input)),
        rules == RelevanceRules() || activation is ReLU,
        var host = hosts[input] ?? newHost(input), host.op.ending.activation == nil
      {
        host.op.ending.activation = activation
        host.hidden.append(input)
        hosts[input] = nil
        hosts[id] = host
      }
      // The later of the two inputs takes the other one in, which is there by then.
      if node.op is Add, let input = node.inputs.max(), let other = node.inputs.min(), other != input,
        isRead(input, onlyBy: id), var host = hosts[input] ?? newHost(input), host.op.takesAddend,
        host.op.ending.activation == nil, !host.op.ending.addsInput
      {
        host.op.ending.addsInput = true
        host.inputs.append(other)
        host.hidden.append(input)
        hosts[input] = nil
        hosts[id] = host
      }
    }
    return hosts
  }

  private func newHost(_ id: NodeID) -> Host? {
    (graph.nodes[id].op as? any FinishedProduct).map { Host(op: $0, inputs: graph.nodes[id].inputs, hidden: []) }
  }
}
