import Tensors

/// A graph that computes what another one does, in fewer and faster steps, where only some results are asked for.
///
/// Every rewriting hides nodes that nobody asked for: norms and activations become part of the product before them, maps
/// keep their channels last, and what is not read is not computed. What is asked for keeps its shape and its meaning, can
/// be substituted, and gradients reach it. Numbers change by no more than rounding.
public struct Plan: Sendable {
  /// The graph to run.
  public let graph: Graph
  private let images: [NodeID: NodeID]

  /// Plans a graph.
  ///
  /// - Parameters:
  ///   - original: the model as it is written down.
  ///   - kept: the nodes whose results, besides the model's, will be read or substituted.
  ///   - targets: those of them at which gradients of the output will be asked for.
  ///   - rules: those by which relevance will go back, if it will: steps that have no such rules are left as they are.
  public init(
    _ original: Graph, keeping kept: Set<NodeID>, differentiatingAt targets: Set<NodeID> = [],
    rules: RelevanceRules? = nil
  ) {
    self.init(original, keeping: kept, differentiatingAt: targets, rules: rules, weights: PackedWeights())
  }

  /// The same with weights that other plans of the graph may have packed.
  init(
    _ original: Graph, keeping kept: Set<NodeID>, differentiatingAt targets: Set<NodeID>, rules: RelevanceRules?,
    weights: PackedWeights
  ) {
    var plan = Plan(graph: original, images: Dictionary(uniqueKeysWithValues: original.nodes.indices.map { ($0, $0) }))
    let rules = rules ?? RelevanceRules()
    let rewritings: [(isFit: Bool, rewriting: (Graph, Interest) -> Rewritten)] = [
      (true, { ReadParts(graph: $0, interest: $1).rewritten() }),
      (true, { FusedAttention(graph: $0, interest: $1, weights: weights).rewritten() }),
      (true, { FoldedBatchNorm(graph: $0, interest: $1).rewritten() }),
      (
        rules.convolutionsSuitPlans,
        { ChannelsLastLayout(graph: $0, interest: $1, weights: weights).rewritten() }
      ),
      (true, { EarlyActivations(graph: $0, interest: $1).rewritten() }),
      (rules.linearLayersSuitPlans, { FinishedProducts(graph: $0, interest: $1, rules: rules).rewritten() }),
      (rules == RelevanceRules(), { PreparedProducts(graph: $0, interest: $1).rewritten() }),
    ]
    for case (true, let rewriting) in rewritings {
      let interest = Interest(
        kept: Set(kept.map(plan.node)).union([plan.graph.output]), targets: Set(targets.map(plan.node)))
      plan = plan.followed(by: rewriting(plan.graph, interest))
    }
    self = plan
  }

  private init(graph: Graph, images: [NodeID: NodeID]) {
    self.graph = graph
    self.images = images
  }

  private func followed(by next: Rewritten) -> Plan {
    Plan(graph: next.graph, images: images.compactMapValues { next.images[$0] })
  }

  /// The node of ``graph`` that stands for a node of the original: one that was to be kept, the input or the output.
  public func node(_ original: NodeID) -> NodeID {
    guard let image = images[original] else { preconditionFailure("the plan was not told to keep node \(original)") }
    return image
  }
}

extension Plan {
  /// The gradients of a scalar function of the output at nodes of the original, see ``Graph/gradients(of:seed:at:in:)``;
  /// none where there are no targets.
  ///
  /// - Throws: ``RunError``.
  public func gradients(
    seed: Tensor, at targets: [NodeID], in trace: Trace, rule: BackwardRule = .derivative
  ) throws(RunError) -> [NodeID: Tensor] {
    guard !targets.isEmpty else { return [:] }
    let images = targets.map(node)
    let gradients = try graph.gradients(of: graph.output, seed: seed, at: images, in: trace, rule: rule)
    return Dictionary(
      uniqueKeysWithValues: zip(targets, images).compactMap { target, image in
        gradients[image].map { (target, $0) }
      })
  }
}

/// What a rewriting must leave as it is.
struct Interest {
  /// The nodes that are asked for, the output among them.
  let kept: Set<NodeID>
  /// Those at which gradients are asked for.
  let targets: Set<NodeID>
}

/// A rewritten graph, and which of its nodes stand for those of the one before.
struct Rewritten {
  let graph: Graph
  let images: [NodeID: NodeID]
}
