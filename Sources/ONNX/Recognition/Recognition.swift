/// What exporters took apart is found again before nodes are read: each rewriting puts one node in the place of several.
enum Recognition {
  /// - Parameter kept: values that somebody else reads.
  static func simplified(
    _ nodes: [ONNXNode], _ initializers: [String: ONNXTensor], keeping kept: Set<String>
  ) -> [ONNXNode] {
    let rewritings: [(inout NodePattern) -> Void] = [
      RecognizedLayerNorm.rewrite, RecognizedGELU.rewrite, RecognizedSiLU.rewrite, RecognizedLinear.rewrite,
    ]
    var pattern = NodePattern(nodes, initializers, keeping: kept)
    for rewrite in rewritings { rewrite(&pattern) }
    return pattern.remaining
  }
}

/// A list of nodes in which steps are looked up by what they give.
struct NodePattern {
  private var nodes: [ONNXNode?]
  private let makers: [String: Int]
  private let readers: [String: [Int]]
  private let kept: Set<String>
  let initializers: [String: ONNXTensor]

  init(_ nodes: [ONNXNode], _ initializers: [String: ONNXTensor], keeping kept: Set<String>) {
    self.kept = kept
    self.initializers = initializers
    self.nodes = nodes
    var (makers, readers) = ([String: Int](), [String: [Int]]())
    for (number, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty { makers[output] = number }
      for input in node.inputs where !input.isEmpty { readers[input, default: []].append(number) }
    }
    self.makers = makers
    self.readers = readers
  }

  var remaining: [ONNXNode] { nodes.compactMap { $0 } }
  var indices: Range<Int> { nodes.indices }

  /// The node of a number, if it is of some operation and still there.
  func node(_ number: Int?, _ operation: String) -> ONNXNode? {
    guard let number, let node = nodes[number], node.operation == operation, node.domain.isEmpty else { return nil }
    return node
  }

  /// The node of a number, if it is still there.
  func anyNode(_ number: Int) -> ONNXNode? { nodes[number] }

  /// The number of the node that gives a value.
  func maker(of name: String?) -> Int? { name.flatMap { makers[$0] } }

  /// The number of the node that alone reads what a node gives.
  func onlyReader(of number: Int) -> Int? {
    guard let output = nodes[number]?.outputs.first, let found = readers[output], found.count == 1,
      !kept.contains(output)
    else { return nil }
    return found[0]
  }

  /// How often what a node gives is read.
  func readerCount(of number: Int) -> Int {
    guard let output = nodes[number]?.outputs.first, !kept.contains(output) else { return 0 }
    return readers[output]?.count ?? 0
  }

  /// The constant scalar that a name stands for, as far as a node `Constant` says.
  func constant(_ name: String?) -> Float? {
    if let name, maker(of: name) == nil { return initializers[name].flatMap(Self.scalar) }
    guard let node = node(maker(of: name), "Constant") else { return nil }
    return node.attributes["value_float"]?.float ?? node.attributes["value"]?.tensor.flatMap(Self.scalar)
  }

  private static func scalar(_ tensor: ONNXTensor) -> Float? {
    ONNXTensor.count(of: tensor.extents) == 1 ? (try? tensor.array())?.scalar : nil
  }

  /// What a node of two inputs reads beside what another one gives; nil where it does not read that.
  func otherInput(of node: ONNXNode, than number: Int) -> String? {
    guard let output = nodes[number]?.outputs.first, node.inputs.count == 2, node.inputs.contains(output) else {
      return nil
    }
    return node.inputs.first { $0 != output }
  }

  /// Puts one node in the place of the last of some; the others go.
  mutating func replace(_ numbers: [Int], by node: ONNXNode) {
    guard let last = numbers.max() else { return }
    for number in numbers { nodes[number] = nil }
    nodes[last] = node
  }
}
