import LayerGraph
import Tensors

/// The layers behind a trunk that a checkpoint has and its architecture does not: a head of one's own, in place of the
/// classifier or behind it.
///
/// They are read from what is left when the trunk is written down. Which activation stands between two of them no state
/// dictionary says: ReLU is assumed where modules without weights stand between two linear layers, and that is noted.
struct OwnHead: Sendable {
  /// The names in the file of parameters that were renamed.
  var origins: [String: String] = [:]
  /// What stands there, where the user says it.
  var specification: HeadSpecification?
  /// Of several heads the one to read.
  var output: String?

  /// A step of the head: a layer with weights, or an activation that was assumed.
  private enum Step {
    case module(HeadModule)
    case activation(String, name: String)
  }

  /// The head on the features, or on the scores, of a trunk. Where what is left is no head, the features: the builder
  /// will name what is left.
  func callAsFunction(_ m: GraphBuilder, _ features: Value) -> Value {
    guard let modules = HeadModule.modules(of: m.unusedParameters, m, origins: origins),
      !modules.isEmpty || specification != nil
    else { return features }
    var x = features
    if let first = modules.first, first.inputs == 2 * x.shape.count, let map = m.pooledMap(of: x) {
      // fastai's pooling, the maximum first.
      x = m.concatenate("concat_pool", [m.globalMaxPool("max_pool", map), x], axis: 0)
    }
    guard x.shape.rank == 1 else { return features }
    guard let chain = Self.chain(modules, from: x.shape.count) else { return severalHeads(modules, m, x) ?? features }
    return apply(chain, m, x, behind: classifier(m, features))
  }

  /// The trunk's own classifier by its name in the file, where it ends with one.
  private func classifier(_ m: GraphBuilder, _ x: Value) -> String? {
    let name = m.layerName(of: x)
    guard m.parameterShape("\(name).weight")?.rank == 2 else { return nil }
    return origins["\(name).weight"].map { String($0.dropLast(".weight".count)) } ?? name
  }

  // MARK: The order

  /// Layers in an order in which each reads what the one before gives: as they come, or else norms first.
  private static func chain(_ modules: [HeadModule], from width: Int) -> [HeadModule]? {
    if isChain(modules, from: width) { return modules }
    var (chain, rest, width) = ([HeadModule](), modules, width)
    while !rest.isEmpty {
      let fitting = rest.indices.filter { rest[$0].inputs == width }
      guard let next = fitting.first(where: { rest[$0].kind != .linear }) ?? fitting.first else { return nil }
      width = rest[next].outputs
      chain.append(rest.remove(at: next))
    }
    return chain
  }

  private static func isChain(_ modules: [HeadModule], from width: Int) -> Bool {
    var width = width
    for module in modules {
      guard module.inputs == width else { return false }
      width = module.outputs
    }
    return true
  }

  /// Of heads side by side the one that was named; nil where there are none.
  private func severalHeads(_ modules: [HeadModule], _ m: GraphBuilder, _ x: Value) -> Value? {
    func owner(_ module: HeadModule) -> String {
      // Modules of one list, `heads.0` and `heads.1`, are heads of their own.
      let parts = module.origin.split(separator: ".")
      return parts.prefix(parts.count > 1 && Int(parts[1]) != nil && parts.count == 2 ? 2 : 1).joined(separator: ".")
    }
    var names: [String] = []
    for name in modules.map(owner) where !names.contains(name) { names.append(name) }
    let heads = names.map { name in
      (name: name, chain: Self.chain(modules.filter { owner($0) == name }, from: x.shape.count))
    }
    guard heads.count > 1, heads.allSatisfy({ $0.chain != nil }) else { return nil }
    guard let chosen = heads.first(where: { $0.name == output }), let chain = chosen.chain else {
      let list = heads.map { "\($0.name) (\($0.chain?.last?.outputs ?? 0) outputs)" }.joined(separator: ", ")
      m.fail("several heads: \(list); choose one with --output-name")
      return x
    }
    for parameter in m.unusedParameters where !chain.contains(where: { parameter.hasPrefix($0.name + ".") }) {
      m.ignoreParameter(parameter)
    }
    m.assume("of the heads \(names.joined(separator: ", ")) it is \(chosen.name) that is read")
    return apply(chain, m, x, behind: nil)
  }

  // MARK: The layers

  private func apply(_ modules: [HeadModule], _ m: GraphBuilder, _ x: Value, behind classifier: String?) -> Value {
    let steps: [Step]
    if let specification {
      guard let specified = Self.steps(modules, specification, hasClassifier: classifier != nil) else {
        let found = modules.map { "\($0.origin) (\($0.kind.rawValue))" }.joined(separator: ", ")
        m.fail("--classifier: the file has \(found.isEmpty ? "no further layers" : found), which is not what it says")
        return x
      }
      steps = specified
    } else {
      steps = Self.steps(modules, behind: classifier)
    }
    note(steps, m, behind: classifier)
    return steps.reduce(x) { x, step in
      switch step {
      case .module(let module): module(m, x)
      case .activation(let activation, let name): HeadSpecification.activation(activation, m, name, x)
      }
    }
  }

  /// The layers with one ReLU between two linear ones: in the first gap behind a linear layer.
  private static func steps(_ modules: [HeadModule], behind classifier: String?) -> [Step] {
    var steps: [Step] = []
    var previous = classifier
    var isLinear = classifier != nil
    for module in modules {
      if let last = previous, isLinear {
        // Members with names of their own: the activation stands in the program, behind the norm where there is one.
        let gap = gap(from: last, to: module.origin, isBehindClassifier: last == classifier)
        if gap ?? (module.kind == .linear ? 1 : 0) > 0 {
          steps.append(.activation("relu", name: "\(last)_relu"))
          isLinear = false
        }
      }
      steps.append(.module(module))
      previous = module.origin
      isLinear = isLinear || module.kind == .linear
    }
    return steps
  }

  /// See ``HeadModule/gap(from:to:)``; a layer behind a whole classifier, under a name of its own, reads its scores.
  private static func gap(from last: String, to next: String, isBehindClassifier: Bool) -> Int? {
    HeadModule.gap(from: last, to: next) ?? (isBehindClassifier ? 0 : nil)
  }

  /// The layers in the user's order; nil where the file has others.
  private static func steps(
    _ modules: [HeadModule], _ specification: HeadSpecification, hasClassifier: Bool
  ) -> [Step]? {
    var (rest, steps) = (modules[...], [Step]())
    var layers = specification.layers[...]
    let weighted = layers.count { if case .weighted = $0 { true } else { false } }
    // The first one may be the trunk's own classifier.
    if hasClassifier, weighted == modules.count + 1, layers.first == .weighted(.linear) { layers = layers.dropFirst() }
    for (index, layer) in layers.enumerated() {
      switch layer {
      case .activation(let name): steps.append(.activation(name, name: "head_\(index)_\(name)"))
      case .weighted(let kind):
        guard let next = rest.popFirst(), next.kind == kind else { return nil }
        steps.append(.module(next))
      }
    }
    return rest.isEmpty ? steps : nil
  }

  /// Says how the head was read, and what was assumed.
  private func note(_ steps: [Step], _ m: GraphBuilder, behind classifier: String?) {
    var isAssumed = false
    let parts = steps.map { step in
      switch step {
      case .module(let module):
        return
          "\(module.origin) (\(module.kind.rawValue)\(module.kind == .linear ? " \(module.inputs)→\(module.outputs)" : ""))"
      case .activation(let name, _):
        isAssumed = specification == nil
        return isAssumed ? "\(name) (assumed)" : name
      }
    }
    let behind = classifier.map { "behind \($0) " } ?? ""
    let advice =
      isAssumed
      ? "; a file does not say which activation stands there: --classifier 'linear gelu linear' or the like says it"
      : ""
    m.assume("a head of its own \(behind)is read as \(parts.joined(separator: ", "))\(advice)")
  }
}
