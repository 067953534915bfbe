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
        let folded = convolution.scaled(by: norm.scale, shiftedBy: norm.shift)
        rewriter.images[id] = rewriter.append(node.name, folded, graph.nodes[input].inputs.map(rewriter.image))
      } else {
        rewriter.copy(id)
      }
    }
    return rewriter.finished(keeping: interest.kept)
  }
}

extension Convolution {
  /// This convolution with each channel of its result scaled and shifted.
  func scaled(by scale: Tensor, shiftedBy shift: Tensor) -> Convolution {
    let size = weight.shape.perSample.count
    let scales = scale.scalars
    let weights = Tensor(unfilled: weight.shape) { result in
      weight.withScalars { weight in
        Workers.current.forEachRange(of: scales.count, grain: max(1, (1 << 14) / max(1, size))) { channels in
          for index in channels.lowerBound * size..<channels.upperBound * size {
            result[index] = weight[index] * scales[index / size]
          }
        }
      }
    }
    let shifts = zip(shift.scalars, zip(bias?.scalars ?? scales.map { _ in 0 }, scales)).map { $0 + $1.0 * $1.1 }
    return Convolution(weight: weights, bias: Tensor(shifts, shape: scale.shape), window: window, groups: groups)
  }
}
