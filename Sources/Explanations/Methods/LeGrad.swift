import Architectures
import LayerGraph
import Tensors

/// The mean over layers, heads and queries of relu(∂s_l/∂A_l), where s_l is the score that the classifier gives to the tokens
/// behind layer l (Bousselham et al. 2025, "LeGrad: An explainability method for vision transformers via feature formation
/// sensitivity").
///
/// The classifier reads the tokens of every layer as it reads those of the last. In a pyramid it can read those of the last
/// stage only, and only these layers are taken.
public struct LeGrad: ExplanationMethod {
  /// See ``ExplanationMethod/name``.
  public static let name = "legrad"
  /// See ``ExplanationMethod/summary``.
  public static let summary = "gradient of each layer's own score at its attention (Bousselham et al. 2025)"

  /// LeGrad has no parameters.
  public init() {}

  /// See ``ExplanationMethod/needs``.
  public var needs: Needs { [] }

  /// An attention, and the node of the tokens behind its block.
  private struct Block {
    let attention: AttentionLayer
    let output: NodeID
  }

  /// The blocks whose tokens the classifier can read.
  private func blocks(of model: Model) throws(MethodError) -> [Block] {
    let blocks = try AttentionFlow(model, for: Self.name).layers.compactMap { layer in
      layer.block.map { Block(attention: layer, output: $0) }
    }
    guard let last = blocks.last else {
      throw MethodError(
        Self.name, "\(model.name) has no blocks with names; take another method, such as gradientattention")
    }
    return blocks.filter { model.graph.nodes[$0.output].shape == model.graph.nodes[last.output].shape }
  }

  /// See ``ExplanationMethod/nodes(for:)``.
  public func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
    let graph = explainer.model.graph
    let blocks = try blocks(of: explainer.model)
    var nodes = graph.nodesForTail(from: blocks.suffix(1).map(\.output), to: graph.output)
    for block in blocks { nodes.formUnion(graph.nodesForGradients(of: block.output, at: [block.attention.node])) }
    return nodes.sorted()
  }

  /// See ``ExplanationMethod/maps(of:)``.
  public func maps(of evidence: Evidence) throws -> MethodMaps {
    let blocks = try blocks(of: evidence.model)
    guard let last = blocks.last else { preconditionFailure("nodes(for:) found a block") }
    let trace = evidence.trace(of: try nodes(for: evidence.explainer))
    let gradients = try blocks.map { block in
      let sensitivity = try evidence.gradientOfClassifier(reading: block.output, at: last.output, in: trace)
      let found = try evidence.model.graph.gradients(
        of: block.output, seed: sensitivity, at: [block.attention.node], in: trace)
      return found[block.attention.node]
    }
    let layout = last.attention.layout
    return evidence.attentionMaps { picture in
      var sum = Tensor(repeating: 0, shape: [layout.grid.height, layout.grid.width])
      for (block, gradient) in zip(blocks, gradients) {
        guard let gradient else { continue }
        let positive = HeadFusion.mean(Evidence.stacked(gradient[picture]).relu())
        let queries = [Float](repeating: 1 / Float(layout.tokens), count: layout.tokens)
        let attention = TokenAttention(positive, layout: block.attention.layout)
        sum += AttentionFlow.map(attention.passedOn(queries), layout)
      }
      return sum * (1 / Float(blocks.count))
    }
  }
}

extension Evidence {
  /// The gradient of the scores that the classifier gives to other tokens, with respect to them.
  ///
  /// - Parameters:
  ///   - tokens: the node whose result the classifier reads in place of its own.
  ///   - place: the node that it reads otherwise.
  ///   - trace: what the model's nodes gave, as far as the classifier reads it.
  fileprivate func gradientOfClassifier(
    reading tokens: NodeID, at place: NodeID, in trace: Trace
  ) throws -> Tensor {
    let graph = model.graph
    let features = result(of: tokens)
    let kept = graph.nodesForGradients(of: graph.output, at: [place]).union([place, graph.output])
    let tail = try graph.run(substituting: [place: features], in: trace, keeping: .only(kept))
    let (_, seed) = try Explainer.seeds(try Explainer.result(of: graph.output, in: tail), targets)
    let gradients = try graph.gradients(of: graph.output, seed: seed, at: [place], in: tail)
    return gradients[place] ?? Tensor(repeating: 0, shape: features.shape)
  }
}
