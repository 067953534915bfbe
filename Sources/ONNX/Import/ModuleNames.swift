/// The names that PyTorch's users know a model's layers by, from what the exporters note.
struct ModuleNames {
  /// For each node the path of the module that it is in, such as `blocks.5.mlp.act`; nil where nothing is noted.
  private let paths: [String?]
  /// For each module the number of its last node.
  private let lastNodes: [String: Int]

  init(_ nodes: [ONNXNode]) {
    paths = nodes.map(Self.path)
    var lastNodes = [String: Int]()
    for (number, path) in paths.enumerated() {
      guard let path else { continue }
      for module in Self.modules(around: path) { lastNodes[module] = number }
    }
    self.lastNodes = lastNodes
  }

  /// The module that a node is in.
  func module(of number: Int) -> String? { paths[number] }

  /// The modules whose results a node's are, the innermost first.
  func modulesEnding(at number: Int) -> [String] {
    guard let path = paths[number] else { return [] }
    return Self.modules(around: path).filter { lastNodes[$0] == number }
  }

  /// A path and those of the modules around it.
  private static func modules(around path: String) -> [String] {
    let parts = path.split(separator: ".")
    return (0..<min(parts.count, 64)).map { parts.dropLast($0).joined(separator: ".") }.filter { !$0.isEmpty }
  }

  private static func path(of node: ONNXNode) -> String? {
    if let scopes = node.metadata["pkg.torch.onnx.name_scopes"] { return scoped(scopes) }
    return node.name.hasPrefix("/") ? traced(node.name) : nil
  }

  /// `['', 'blocks', 'blocks.5', 'blocks.5.mlp', 'gelu_5']`: the last module's path; the last entry is the node's own.
  private static func scoped(_ list: String) -> String? {
    let entries = list.split(separator: "'", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.offset % 2 == 1 ? $0.element : nil }
    return entries.dropLast().last { !$0.isEmpty }.map(String.init) ?? ""
  }

  /// `/blocks/blocks.4/mlp/act/Mul_1`: a container's name is said again in its child's.
  private static func traced(_ name: String) -> String? {
    var path = [Substring]()
    for part in name.split(separator: "/").dropLast().prefix(64) {
      let steps = part.split(separator: ".")
      // `blocks/blocks.4/blocks.4.0`: as many steps as the path ends with are said again.
      let repeated = (0..<steps.count).reversed().first { path.suffix($0).elementsEqual(steps.prefix($0)) } ?? 0
      path += steps.dropFirst(repeated)
    }
    return path.joined(separator: ".")
  }
}
