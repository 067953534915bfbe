import Architectures
import LayerGraph
import Synchronization
import Tensors

/// What a model did with a batch of pictures, for one target of each: all that a method reads.
///
/// Results and gradients are those of one forward and one backward that all chosen methods share. What a method reads here,
/// it has to name in ``ExplanationMethod/needs`` and ``ExplanationMethod/nodes(for:)``; reading anything else is a
/// programming error and stops the program.
public struct Evidence: Sendable {
  /// The model, the layers, and how the layers' features become maps.
  public let explainer: Explainer
  /// The preprocessed pictures, B×3×H×W.
  public let input: Tensor
  /// The model's outputs, B×classes.
  public let logits: Tensor
  /// What is explained, one target for each picture.
  public let targets: [ScoreTarget]
  /// The value of each target.
  public let scores: [Float]
  /// The activations and gradients of the explainer's layers as feature maps, in its order.
  public let layers: [LayerEvidence]

  let plan: Plan
  let trace: Trace
  let gradients: [NodeID: Tensor]
  /// What goes back by rules of relevance.
  let propagated: [RelevanceRules: [NodeID: Tensor]]
  let method: String
  let shared: SharedResults
  let report: ProgressReport?

  /// The model that is explained.
  public var model: Model { explainer.model }
  /// The number of pictures, B.
  public var pictureCount: Int { input.batchCount }

  /// What a node gave, in its own layout, batch first.
  public func result(of node: NodeID) -> Tensor {
    guard let result = trace[plan.node(node)] else {
      preconditionFailure("a method that reads \(model.graph.nodes[node].name) has to name it")
    }
    return result
  }

  /// What some nodes gave, as a trace of the model's own graph, which gradients can be asked for in other ways than the core
  /// does.
  func trace(of nodes: [NodeID]) -> Trace {
    var trace = Trace()
    for node in nodes { trace[node] = result(of: node) }
    return trace
  }

  /// The gradient of the scores with respect to what a node gave, in the same layout; zero where they do not depend on it.
  public func gradient(at node: NodeID) -> Tensor {
    guard let gradient = gradients[node] else {
      preconditionFailure("a method that reads the gradient at \(model.graph.nodes[node].name) has to name it")
    }
    return gradient
  }

  /// The relevance for the scores of what a node gave, in the same layout: the node's value times what goes back to it.
  ///
  /// - Parameter rules: the method's, see ``ExplanationMethod/rules(for:)``.
  public func relevance(at node: NodeID, rules: RelevanceRules) -> Tensor {
    guard let propagated = propagated[rules]?[node] else {
      preconditionFailure("a method that reads the relevance at \(model.graph.nodes[node].name) has to name it")
    }
    return result(of: node) * propagated
  }

  /// What depends on the pictures and not on their targets: computed for the first target, and kept for the others.
  ///
  /// - Parameter name: tells it from other things that the method keeps.
  public func once<Value: Sendable>(_ name: String, _ compute: () throws -> Value) rethrows -> Value {
    try shared.value("\(method) \(name)", compute)
  }

  /// Which scalars of what one of the explainer's layers gives became which channel and place of its feature maps.
  ///
  /// - Throws: ``MethodError`` where the reshape transform does more than rearrange.
  func elements(ofLayer layer: Int) throws -> LayerElements {
    try shared.value("elements \(layer)") { try LayerElements(explainer, layer: layer, method: method) }
  }

  /// Tells how far the method has come, and stops it where its task was cancelled.
  ///
  /// - Throws: `CancellationError`.
  public func progress(done: Int, of count: Int) throws {
    try Task.checkCancellation()
    report?(Progress(method: method, done: done, count: count))
  }

  /// The same evidence for a method of a name.
  func named(_ method: String) -> Evidence {
    Evidence(
      explainer: explainer, input: input, logits: logits, targets: targets, scores: scores, layers: layers,
      plan: plan, trace: trace, gradients: gradients, propagated: propagated, method: method, shared: shared,
      report: report)
  }
}

/// What methods keep from one target of a batch to the next.
final class SharedResults: Sendable {
  private let values = Mutex<[String: any Sendable]>([:])

  func value<Value: Sendable>(_ key: String, _ compute: () throws -> Value) rethrows -> Value {
    if let known = values.withLock({ $0[key] }) as? Value { return known }
    let value = try compute()
    values.withLock { $0[key] = value }
    return value
  }
}
