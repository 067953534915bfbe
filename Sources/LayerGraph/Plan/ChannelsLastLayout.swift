import Tensors

/// An op on feature maps C×H×W that can also be computed on maps whose channels come last, H×W×C: there, each place is a
/// row of a product.
protocol ChannelsLastComputable: Op {
  /// The op on maps with channels last, whose result has them last too; nil where it has none for inputs of these
  /// (channels-first) shapes.
  ///
  /// - Parameter packing: packs weights, or gives them as another plan has packed them.
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)?
}

/// Packs the weights of a step, once for all plans of a graph.
struct Packing {
  /// The step's name.
  let step: String
  let weights: PackedWeights

  /// Packs other weights of the same step.
  func of(_ part: String) -> Packing {
    Packing(step: "\(step) \(part)", weights: weights)
  }

  /// The convolution of this step with kernels and biases without their signs.
  func magnitudes(of convolution: Convolution) -> Convolution {
    convolution.with(
      weight: weights.magnitudes.value(of: step) { convolution.weight.magnitudes() },
      bias: convolution.bias?.magnitudes())
  }

  func callAsFunction(_ pack: () -> PackedMatrix) -> PackedMatrix {
    weights.matrices.value(of: step, pack)
  }
}

/// Lets maps keep their channels last from one op to the next, and puts them first only where that is asked for.
///
/// Each result exists in one or two versions: `plain`, as written down, and `last`, with the first axis moved to the end.
/// A permutation that only moves this axis names the other version and costs nothing.
struct ChannelsLastLayout {
  let graph: Graph
  let interest: Interest
  let weights: PackedWeights

  func rewritten() -> Rewritten {
    var versions = Versions(rewriter: GraphRewriter(graph), weights: weights)
    for (id, node) in graph.nodes.enumerated() {
      if node.op is GlobalPool, let pooled = versions.globalPool(of: node) {
        versions.rewriter.images[id] = pooled
      } else if let op = versions.channelsLastOp(of: node) {
        versions.last[id] = versions.rewriter.append(node.name, op, node.inputs.map { versions.inLast($0) })
      } else if interest.kept.contains(id) || !versions.renames(id, node) {
        for input in node.inputs { _ = versions.inPlain(input) }
        versions.rewriter.copy(id)
      }
      if interest.kept.contains(id) {
        // What is asked for can be substituted, and gradients end there: everything behind it must read this version.
        _ = versions.inPlain(id)
        versions.last[id] = nil
      }
    }
    return versions.rewriter.finished(keeping: interest.kept)
  }
}

/// The versions of each result, made when they are first needed.
private struct Versions {
  var rewriter: GraphRewriter
  let weights: PackedWeights
  var last: [NodeID: NodeID] = [:]

  private func shape(_ id: NodeID) -> Shape { rewriter.original.nodes[id].shape }

  /// The op for channels last, where the node has one and it pays: it is a convolution, or its first input is there already.
  func channelsLastOp(of node: Node) -> (any Op)? {
    guard let op = node.op as? any ChannelsLastComputable, let first = node.inputs.first,
      op is Convolution || op is FoldedConvolution || last[first] != nil
    else { return nil }
    return op.channelsLast(for: node.inputs.map(shape), packing: Packing(step: node.name, weights: weights))
  }

  /// The mean over the places of a map whose channels are last: it gives no map, so there is but one version of it.
  mutating func globalPool(of node: Node) -> NodeID? {
    guard let pool = node.op as? GlobalPool, pool.kind == .average, let input = node.inputs.first.flatMap({ last[$0] })
    else { return nil }
    return rewriter.append(node.name, ChannelsLastGlobalPool(), [input])
  }

  /// The version with channels first.
  mutating func inPlain(_ id: NodeID) -> NodeID {
    if let image = rewriter.images[id] { return image }
    guard let moved = last[id] else { return rewriter.image(id) }
    let image = rewriter.append(rewriter.original.nodes[id].name, Permute.firstAxisFromEnd(shape(id)), [moved])
    rewriter.images[id] = image
    return image
  }

  /// The version with channels last.
  mutating func inLast(_ id: NodeID) -> NodeID {
    if let moved = last[id] { return moved }
    let moved = rewriter.append(
      "\(rewriter.original.nodes[id].name).channels_last", Permute.firstAxisToEnd(shape(id)), [rewriter.image(id)])
    last[id] = moved
    return moved
  }

  /// Whether a node does no more than name another version, or another shape of one; it is then registered.
  mutating func renames(_ id: NodeID, _ node: Node) -> Bool {
    guard let input = node.inputs.first else { return false }
    if let permute = node.op as? Permute {
      if permute.movesFirstAxisToEnd, let moved = last[input] {
        rewriter.images[id] = moved
        return true
      }
      if permute.movesEndToFirstAxis, let plain = rewriter.images[input] {
        last[id] = plain
        return true
      }
    }
    // C×H×W and C×L hold the same places: so do H×W×C and L×C.
    if node.op is Reshape, let moved = last[input], shape(input).rank > 1, node.shape.rank > 1,
      shape(input)[0] == node.shape[0]
    {
      let reshape = Reshape(shape: Shape(node.shape.extents.dropFirst() + [node.shape[0]]))
      last[id] = rewriter.append(node.name, reshape, [moved])
      return true
    }
    return false
  }
}

extension Permute {
  static func firstAxisToEnd(_ shape: Shape) -> Permute { Permute(axes: Array(1..<shape.rank) + [0]) }
  static func firstAxisFromEnd(_ shape: Shape) -> Permute {
    Permute(axes: [shape.rank - 1] + Array(0..<shape.rank - 1))
  }

  var movesFirstAxisToEnd: Bool { axes == Array(1..<axes.count) + [0] }
  var movesEndToFirstAxis: Bool { axes == [axes.count - 1] + Array(0..<axes.count - 1) }
}
