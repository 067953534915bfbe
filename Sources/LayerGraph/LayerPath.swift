/// A layer as a PyTorch user writes it: `blocks[-1].norm1`, `layer4[-1]`, `features.18`.
///
/// `[i]` is the i-th child of a container, counted from the end where it is negative, and `.i` the child of that name.
public struct LayerPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  private enum Step: Hashable, Sendable {
    case name(Substring)
    case index(Int)
  }

  /// The path as it was written.
  public let description: String

  /// A path in PyTorch's notation. Whether it leads anywhere is found when a graph resolves it.
  public init(_ text: String) {
    description = text
  }

  /// A path written as a literal.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The node that the path leads to.
  func resolve(in graph: Graph) throws(LayerPathError) -> NodeID {
    if let node = graph.names[description] { return node }
    if let path = withoutModel(in: graph) { return try path.resolve(in: graph) }
    guard let steps = parse() else {
      throw LayerPathError(path: description, problem: "not a layer path such as blocks[-1].norm1", near: [])
    }
    var name = ""
    for step in steps {
      let child: String
      switch step {
      case .name(let text): child = String(text)
      case .index(let index):
        let children = Self.children(of: name, in: graph)
        guard let found = Self.child(at: index, of: children) else {
          let problem = "\(name.isEmpty ? "the model" : name) has \(children.count) children, no [\(index)]"
          throw LayerPathError(
            path: description, problem: problem,
            near: nearest(to: description, among: graph.orderedNames + graph.otherNames))
        }
        child = found
      }
      name += name.isEmpty ? child : "." + child
    }
    guard let node = graph.names[name] else {
      throw LayerPathError(
        path: description, problem: "no such layer",
        near: nearest(to: description, among: graph.orderedNames + graph.otherNames))
    }
    return node
  }

  /// The path behind the variable that people's code keeps the model in: `model.layer4[-1]`; nil where it has none.
  private func withoutModel(in graph: Graph) -> LayerPath? {
    for variable in ["model.", "self.", "net."] where description.hasPrefix(variable) {
      guard Self.children(of: String(variable.dropLast()), in: graph).isEmpty else { return nil }
      return LayerPath(String(description.dropFirst(variable.count)))
    }
    return nil
  }

  /// The steps of the path; nil where it is not well formed.
  private func parse() -> [Step]? {
    var steps = [Step]()
    for part in description.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let first = pieces.first, !(first.isEmpty && pieces.count == 1) else { return nil }
      if !first.isEmpty { steps.append(.name(first)) }
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()) else { return nil }
        steps.append(.index(index))
      }
    }
    return steps.isEmpty ? nil : steps
  }

  /// The names of the modules right inside a module, in the model's order.
  private static func children(of parent: String, in graph: Graph) -> [String] {
    let prefix = parent.isEmpty ? "" : parent + "."
    var seen = Set<Substring>()
    var children = [String]()
    for name in graph.orderedNames + graph.otherNames where name.hasPrefix(prefix) {
      let child = name.dropFirst(prefix.count).prefix { $0 != "." }
      if seen.insert(child).inserted { children.append(String(child)) }
    }
    return children
  }

  /// The child that `[index]` means. Children with numbers for names are found by number, since a container may hold
  /// modules that are no layers here, such as dropout.
  private static func child(at index: Int, of children: [String]) -> String? {
    let numbers = children.compactMap { Int($0) }
    if let largest = numbers.max() {
      let number = index < 0 ? largest + 1 + index : index
      return numbers.contains(number) ? String(number) : nil
    }
    let place = index < 0 ? children.count + index : index
    return children.indices.contains(place) ? children[place] : nil
  }
}

/// A layer path that leads nowhere.
public struct LayerPathError: Error, Equatable, CustomStringConvertible {
  /// The path as it was written.
  public let path: String
  /// What is wrong with it.
  public let problem: String
  /// The nearest names that exist.
  public let near: [String]

  /// One line: the path, what is wrong, and the nearest names.
  public var description: String {
    "layer '\(path.printable)': \(problem.printable)"
      + (near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))")
  }
}
