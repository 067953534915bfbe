import Tensors

extension Graph {
  /// Runs the model on a batch.
  ///
  /// - Parameter input: B×C×H×W.
  /// - Throws: ``RunError`` where the input's shape is not the model's.
  public func run(_ input: Tensor, keeping retention: Retention = .all) throws(RunError) -> Trace {
    try run(substituting: [self.input: input], in: Trace(), keeping: retention)
  }

  /// Computes the results to be kept, given those of some nodes.
  ///
  /// Only what depends on a substituted node is computed anew; everything else is taken from `trace`. A full run
  /// substitutes the input. A tail run substitutes an inner layer in the trace of an earlier run, possibly by a larger
  /// batch: results of batch 1 that bypass the layer are broadcast to it.
  ///
  /// - Parameters:
  ///   - substitutes: the results to take for granted, batch first.
  ///   - trace: results of an earlier run, see ``nodesForTail(from:to:)``.
  ///   - retention: the results to return.
  /// - Throws: ``RunError`` where a substitute has another shape than its node, or where `trace` lacks a result.
  public func run(
    substituting substitutes: [NodeID: Tensor], in trace: Trace = Trace(), keeping retention: Retention = .all
  ) throws(RunError) -> Trace {
    for (id, tensor) in substitutes where tensor.shape.rank == 0 || tensor.shape.perSample != nodes[id].shape {
      throw RunError("\(nodes[id].name): expected B×\(nodes[id].shape), found \(tensor.shape)")
    }
    for (id, tensor) in substitutes where tensor.batchCount == 0 {
      throw RunError("\(nodes[id].name): expected at least one sample, found \(tensor.shape)")
    }
    let kept = keptNodes(retention)
    let steps = try schedule(for: kept, substituted: Set(substitutes.keys), available: trace.nodes)
    if !steps.isEmpty {
      let samples = substitutes.values.map(\.batchCount).max() ?? 1
      RunTally.current?.add(substitutes[input] == nil ? \.tail : \.forward, samples: samples)
    }
    var results = trace
    for (id, tensor) in substitutes { results[id] = tensor }
    var usesLeft = [NodeID: Int]()
    for id in steps { for input in nodes[id].inputs { usesLeft[input, default: 0] += 1 } }
    for id in steps {
      let inputs = try operands(of: id, in: results)
      results[id] = Profile.measure(nodes[id], .forward) { memory.lend { nodes[id].op.forward(inputs) } }
      for input in nodes[id].inputs {
        usesLeft[input, default: 0] -= 1
        if usesLeft[input] == 0, !kept.contains(input) { results[input] = nil }
      }
    }
    for id in results.nodes where !kept.contains(id) { results[id] = nil }
    return results
  }

  private func keptNodes(_ retention: Retention) -> Set<NodeID> {
    switch retention {
    case .all: Set(nodes.indices)
    case .only(let nodes): nodes
    }
  }

  /// The nodes to compute, in order: those that the kept ones need, down to what is substituted or still holds in the
  /// trace.
  private func schedule(
    for kept: Set<NodeID>, substituted: Set<NodeID>, available: Set<NodeID>
  ) throws(RunError) -> [NodeID] {
    let changed = descendants(of: substituted)
    var needed = kept
    var steps = [NodeID]()
    for (id, node) in nodes.enumerated().reversed() where needed.contains(id) {
      if substituted.contains(id) || (available.contains(id) && !changed.contains(id)) { continue }
      guard id != input else {
        throw RunError("\(node.name): this run needs the model's input, and it is neither given nor in the trace")
      }
      steps.append(id)
      needed.formUnion(node.inputs)
    }
    return steps.reversed()
  }

  /// The results that a node reads, all of the same batch count.
  func operands(of id: NodeID, in trace: Trace) throws(RunError) -> [Tensor] {
    var operands = [Tensor]()
    for input in nodes[id].inputs {
      guard let tensor = trace[input] else { throw RunError("\(nodes[input].name): not in the trace") }
      operands.append(tensor)
    }
    let batches = Set(operands.map(\.batchCount))
    guard batches.count > 1 else { return operands }
    guard batches.subtracting([1]).count == 1, let batch = batches.max() else {
      throw RunError("\(nodes[id].name): expected results of one batch, found batches of \(batches.sorted())")
    }
    return operands.map { $0.broadcast(toBatch: batch) }
  }
}

/// Why a run cannot be done.
public struct RunError: Error, Equatable, CustomStringConvertible {
  /// One line: the node, what was expected and what was found.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
