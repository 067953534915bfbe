/// Gathers the numbers and short texts that stand beside the weights in a pickle: epoch, accuracy, the name of the
/// architecture, the arguments of the training program.
struct PlainValues {
  /// By name; the names of nested values are joined by dots.
  private(set) var byName: [String: String] = [:]
  private let graph: PickleGraph
  /// How many values may still be looked at.
  private var remaining = 20_000

  private static let mostValues = 256
  private static let longestText = 256
  private static let deepest = 2

  init(of graph: PickleGraph) {
    self.graph = graph
    add(graph.root, name: "", depth: 0)
  }

  private mutating func add(_ value: PickleValue, name: String, depth: Int) {
    remaining -= 1 + graph.attributeCount(of: value)
    guard remaining >= 0, depth <= Self.deepest else { return }
    remaining -= graph.memberCount(of: value)
    guard remaining >= 0, graph.moduleMembers(of: value) == nil,
      let (_, items) = graph.attributes(of: value)
    else { return }
    for item in items where byName.count < Self.mostValues {
      guard case .string(let key) = item.key, key.utf8.count <= Self.longestText else { continue }
      add(item.value, named: name.isEmpty ? key : "\(name).\(key)", depth: depth)
    }
  }

  private mutating func add(_ value: PickleValue, named name: String, depth: Int) {
    switch value {
    case .boolean(let truth): byName[name] = truth ? "true" : "false"
    case .integer(let number): byName[name] = String(number)
    case .real(let number): byName[name] = String(number)
    case .string(let text) where text.utf8.count <= Self.longestText: byName[name] = text
    default: add(value, name: name, depth: depth + 1)
    }
  }
}
