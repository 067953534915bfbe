import Tensors

/// Batch norm behind a convolution becomes part of its weights: γ/σ (w ∗ x) + (β − μγ/σ) is a convolution too.
struct FoldedBatchNorm {
  let graph: Graph
  let interest: Interest

  func rewritten() -> Rewritten {
    let readers = graph.readers
    func folds(_ id: NodeID) -> Bool {
      graph.nodes[id].op is Convolution && !interest.kept.contains(id) && readers[id]?.count == 1
    }
    var rewriter = GraphRewriter(graph)
    for (id, node) in graph.nodes.enumerated() {
      if folds(id), let reader = readers[id]?.first, graph.nodes[reader].op is BatchNorm { continue }
      if let norm = node.op as? BatchNorm, let input = node.inputs.first, folds(input),
        let convolution = graph.nodes[input].op as? Convolution
      {
        let inputs = graph.nodes[input].inputs.map(rewriter.image)
        rewriter.images[id] =
          convolution.groups == 1 || convolution.isDepthwise
          ? rewriter.append(node.name, FoldedConvolution(convolution: convolution, norm: norm), inputs)
          : rewriter.append(node.name, convolution.scaled(by: norm), inputs)
      } else {
        rewriter.copy(id)
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }
}

extension Convolution {
  /// This convolution with a norm in its weights.
  func scaled(by norm: BatchNorm) -> Convolution {
    let rows = weight.reshaped(to: [weight.shape[0], weight.shape.perSample.count])
    let scaled = Multiply().forward([rows, norm.scale.reshaped(to: [weight.shape[0], 1])])
    return Convolution(
      weight: scaled.reshaped(to: weight.shape), bias: FoldedConvolution(convolution: self, norm: norm).bias,
      window: window, groups: groups)
  }
}
