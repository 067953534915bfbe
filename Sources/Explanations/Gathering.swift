import Architectures
import LayerGraph
import Tensors

/// What all chosen methods need together, so that one forward and one backward for each target serve them.
struct Gathering {
  /// The needs of all methods.
  let needs: Needs
  /// Whether a method reads the layers.
  let readsLayers: Bool
  /// The nodes whose gradients are wanted.
  let gradientNodes: [NodeID]
  /// The rules of the relevance that is wanted, and where it is.
  let relevance: [RelevanceRules: Set<NodeID>]
  /// How the model is run.
  let plan: Plan
  /// The nodes of the plan whose results the forward keeps.
  let kept: Set<NodeID>

  /// What several methods need.
  ///
  /// - Throws: ``MethodError`` where one does not fit.
  init(_ explainer: Explainer, methods: [any ExplanationMethod]) throws(MethodError) {
    var needs: Needs = []
    var nodes = Set<NodeID>()
    var gradientNodes = Set<NodeID>()
    var relevance = [RelevanceRules: Set<NodeID>]()
    for method in methods {
      let named = try method.nodes(for: explainer)
      needs.formUnion(method.needs)
      nodes.formUnion(named)
      if method.needs.contains(.nodeGradients) { gradientNodes.formUnion(named) }
      if let rules = method.rules(for: explainer) { relevance[rules, default: []].formUnion(named) }
    }
    self.init(explainer, needs: needs, nodes: nodes, gradientNodes: gradientNodes, relevance: relevance)
  }

  /// What a single method needs.
  init(_ explainer: Explainer, needs: Needs, nodes: [NodeID]) {
    self.init(
      explainer, needs: needs, nodes: Set(nodes), gradientNodes: needs.contains(.nodeGradients) ? Set(nodes) : [],
      relevance: [:])
  }

  private init(
    _ explainer: Explainer, needs: Needs, nodes: Set<NodeID>, gradientNodes: Set<NodeID>,
    relevance: [RelevanceRules: Set<NodeID>]
  ) {
    let wanted = needs.contains(.gradients) ? gradientNodes.union(explainer.layers) : gradientNodes
    let others = needs.contains(.otherTargets) ? wanted.union(explainer.layers) : wanted
    let differentiated = relevance.values.reduce(others) { $0.union($1) }
    readsLayers = needs.readLayers
    let read = readsLayers ? nodes.union(explainer.layers) : nodes
    plan = explainer.model.plans.plan(
      keeping: read, differentiatingAt: differentiated, rules: RelevanceRules.shared(relevance.keys))
    let graph = plan.graph
    var kept = Set(read.map(plan.node)).union([graph.output])
    if !differentiated.isEmpty {
      kept.formUnion(graph.nodesForGradients(of: graph.output, at: differentiated.map(plan.node).sorted()))
    }
    if needs.contains(.tailRuns) {
      for layer in explainer.layers { kept.formUnion(graph.nodesForTail(from: [plan.node(layer)], to: graph.output)) }
    }
    self.needs = needs
    self.gradientNodes = wanted.sorted()
    self.relevance = relevance
    self.kept = kept
  }
}

/// A forward, and what it gave for the layers.
struct ForwardRun {
  let input: Tensor
  let plan: Plan
  /// What the plan's nodes gave.
  let trace: Trace
  let logits: Tensor
  /// The activations of the explainer's layers, B×C×H×W; none where no method reads them.
  let activations: [Tensor]
  /// What methods keep from one target to the next.
  let shared = SharedResults()
}

extension Explainer {
  /// One forward that keeps what was asked for.
  func forward(_ input: Tensor, gathering: Gathering) throws -> ForwardRun {
    let plan = gathering.plan
    let trace = try plan.graph.run(input, keeping: .only(gathering.kept))
    return ForwardRun(
      input: input, plan: plan, trace: trace, logits: try Self.result(of: plan.graph.output, in: trace),
      activations: gathering.readsLayers
        ? try layers.map { try featureMaps(try Self.result(of: plan.node($0), in: trace), of: $0) } : [])
  }

  /// The evidence for one target of each picture: one backward, or none where nobody reads a gradient.
  func evidence(
    of run: ForwardRun, targets: [ScoreTarget], gathering: Gathering, report: ProgressReport?
  ) throws -> Evidence {
    let (scores, seed) = try Self.seeds(run.logits, targets)
    let gradients = try run.plan.gradients(seed: seed, at: gathering.gradientNodes, in: run.trace)
    let layerEvidence = try zip(layers, run.activations).map { layer, activations in
      let gradient = gathering.needs.contains(.gradients) ? gradients[layer] : nil
      return LayerEvidence(activations: activations, gradients: try gradient.map { try featureMaps($0, of: layer) })
    }
    return Evidence(
      explainer: self, input: run.input, logits: run.logits, targets: targets, scores: scores, layers: layerEvidence,
      plan: run.plan, trace: run.trace, gradients: gradients,
      propagated: try Self.propagated(seed, gathering.relevance, in: run), method: "", shared: run.shared,
      report: report)
  }

  /// What goes back from a seed by each of some rules.
  private static func propagated(
    _ seed: Tensor, _ wanted: [RelevanceRules: Set<NodeID>], in run: ForwardRun
  ) throws(RunError) -> [RelevanceRules: [NodeID: Tensor]] {
    var found = [RelevanceRules: [NodeID: Tensor]]()
    for (rules, nodes) in wanted {
      found[rules] = try run.plan.gradients(seed: seed, at: nodes.sorted(), in: run.trace, rule: .relevance(rules))
    }
    return found
  }

  /// What a layer gives as feature maps, B×C×H×W.
  ///
  /// - Throws: ``ReshapeError``, or what a transform of one's own throws.
  public func featureMaps(_ features: Tensor, of layer: NodeID) throws -> Tensor {
    try reshape(features, layout: model.layout(of: layer))
  }

  static func result(of node: NodeID, in trace: Trace) throws -> Tensor {
    guard let tensor = trace[node] else { preconditionFailure("the run kept this node") }
    return tensor
  }

  /// The scores of one target for each picture, and the gradient to start from: B×classes.
  static func seeds(_ logits: Tensor, _ targets: [ScoreTarget]) throws(TargetError) -> ([Float], Tensor) {
    guard targets.count == logits.batchCount else {
      throw TargetError("expected a target for each of \(logits.batchCount) pictures, found \(targets.count)")
    }
    var scores = [Float]()
    var seed = [Float]()
    for (picture, target) in targets.enumerated() {
      let (score, gradient) = try target(logits[picture].scalars)
      scores.append(score)
      seed += gradient
    }
    return (scores, Tensor(seed, shape: logits.shape))
  }
}
