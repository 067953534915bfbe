import LayerGraph
import Tensors

/// A layer of a head, by the parameters that it has.
struct HeadModule: Hashable, Sendable {
  /// What it computes.
  enum Kind: String, Hashable, Sendable {
    case linear
    case batchNorm = "batch norm"
    case layerNorm = "layer norm"
  }

  /// Its name in the builder.
  let name: String
  /// Its name in the file.
  let origin: String
  let kind: Kind
  /// The features that it reads and those that it gives.
  let inputs: Int
  let outputs: Int
  let hasBias: Bool

  /// The layers that parameters belong to, each named without its last part, in the order of the file; nil where one is no
  /// layer of a head.
  static func modules(of parameters: [String], _ m: GraphBuilder, origins: [String: String]) -> [HeadModule]? {
    var names: [String] = []
    var parts: [String: [String: Shape]] = [:]
    for parameter in parameters {
      guard let dot = parameter.lastIndex(of: "."), let shape = m.parameterShape(parameter) else { return nil }
      let name = String(parameter[..<dot])
      if parts[name] == nil { names.append(name) }
      parts[name, default: [:]][String(parameter[parameter.index(after: dot)...])] = shape
    }
    var modules: [HeadModule] = []
    for name in names {
      let origin = origins["\(name).weight"].map { String($0.dropLast(".weight".count)) } ?? name
      guard let module = HeadModule(name, origin: origin, parts[name] ?? [:]) else { return nil }
      modules.append(module)
    }
    return inOrder(modules)
  }

  private init?(_ name: String, origin: String, _ parts: [String: Shape]) {
    guard let weight = parts["weight"], weight.count > 0 else { return nil }
    (self.name, self.origin, hasBias) = (name, origin, parts["bias"] != nil)
    (inputs, outputs) = (weight[weight.rank - 1], weight[0])
    let vector: Shape = [outputs]
    switch (weight.rank, Set(parts.keys)) {
    case (2, ["weight"]): kind = .linear
    case (2, ["weight", "bias"]) where parts["bias"] == vector: kind = .linear
    case (1, ["weight", "bias"]) where parts["bias"] == vector: kind = .layerNorm
    case (1, ["weight", "bias", "running_mean", "running_var"]) where parts.values.allSatisfy({ $0 == vector }):
      kind = .batchNorm
    default: return nil
    }
  }

  /// Numbered ones by their numbers (files may be sorted as text), others as the file has them.
  private static func inOrder(_ modules: [HeadModule]) -> [HeadModule] {
    var places: [String: Int] = [:]
    let keys = modules.map { module in
      var path = ""
      return module.origin.split(separator: ".").map { part -> Int in
        path += ".\(part)"
        if let number = Int(part) { return number }
        places[path] = places[path] ?? places.count
        return places[path] ?? 0
      }
    }
    return modules.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }.map { modules[$0] }
  }

  /// How many modules without weights stand between two of one sequence; nil where they are of none.
  static func gap(from first: String, to second: String) -> Int? {
    for (left, right) in zip(first.split(separator: "."), second.split(separator: ".")) where left != right {
      guard let left = Int(left), let right = Int(right), right > left else { return nil }
      return right - left - 1
    }
    return nil
  }

  /// The layer.
  func callAsFunction(_ m: GraphBuilder, _ x: Value) -> Value {
    switch kind {
    case .linear: m.linear(name, x, outputs: outputs, bias: hasBias)
    case .batchNorm: m.batchNorm(name, x)
    case .layerNorm: m.layerNorm(name, x, epsilon: 1e-5)
    }
  }
}
