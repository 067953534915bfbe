import Checkpoints
import LayerGraph
import Tensors

/// Writes an ONNX model down as a layer graph, for pictures of one size.
///
/// Node after node: what is known without the picture is computed here, so that nothing of the arithmetic of shapes is left;
/// everything else becomes ops.
struct GraphImporter {
  let file: ONNXFile
  let builder: GraphBuilder
  /// What each name stands for so far; initializers are read when a node asks for them.
  private var values: [String: ImportedValue] = [:]
  private var initializers: [String: ONNXTensor]
  /// How deep functions and branches may call each other.
  private static let largestDepth = 16

  init(_ file: ONNXFile, builder: GraphBuilder) {
    self.file = file
    self.builder = builder
    initializers = file.graph.initializers
  }

  /// The model's output for a picture, B×C×H×W.
  ///
  /// - Parameter output: the name of the output; the first one where left out.
  /// - Throws: `CheckpointError` that names the node.
  mutating func output(for picture: Value, named output: String? = nil) throws -> Value {
    let input = try file.pictureInput()
    let isChannelsLast = file.isChannelsLast
    let sample = isChannelsLast ? picture.permuted(1, 2, 0) : picture
    values[input.name] = .computed(ComputedValue(sample, extents: [1] + sample.shape.extents))
    let name = try file.output(named: output).name
    try checkOperators()
    try read(file.graph.nodes, giving: file.graph.outputs.map(\.name), depth: 0)
    guard case .computed(let result)? = values[name] else {
      throw error("output \(name.quoted): it does not depend on the picture")
    }
    return result.finished
  }

  // MARK: Nodes

  /// Refuses a model with all operators that are not known, before anything is built.
  private func checkOperators() throws {
    var missing = [String: (count: Int, example: String)]()
    func look(at nodes: [ONNXNode]) {
      for node in nodes where !isKnown(node) {
        let name = node.domain.isEmpty ? node.operation : "\(node.domain).\(node.operation)"
        missing[name] = ((missing[name]?.count ?? 0) + 1, missing[name]?.example ?? node.name)
      }
    }
    look(at: file.graph.nodes)
    for function in file.functions.values { look(at: function.nodes) }
    guard missing.isEmpty else {
      let list = missing.sorted { $0.key < $1.key }.prefix(8)
        .map { "\($0.key.quoted) (\($0.value.count), at \($0.value.example.quoted))" }
      throw error("operators that are not known: \(list.joined(separator: ", "))")
    }
  }

  private func isKnown(_ node: ONNXNode) -> Bool {
    file.functions["\(node.domain):\(node.operation)"] != nil || node.operation == "If"
      || Operators.all[node.operation] != nil && ["", "com.microsoft"].contains(node.domain)
  }

  private mutating func read(_ nodes: [ONNXNode], giving outputs: [String], depth: Int) throws {
    guard depth < Self.largestDepth else { throw error("functions or branches that call each other too deeply") }
    let nodes = Recognition.simplified(try Self.inOrder(nodes, file: file.path), initializers, keeping: Set(outputs))
    let names = ModuleNames(nodes)
    for (number, node) in nodes.enumerated() {
      try read(node, number, names, depth: depth)
    }
  }

  private mutating func read(_ node: ONNXNode, _ number: Int, _ names: ModuleNames, depth: Int) throws {
    if let function = file.functions["\(node.domain):\(node.operation)"] {
      return try call(function, from: node, depth: depth)
    }
    if node.operation == "If" { return try takeBranch(of: node, depth: depth) }
    guard let operation = Operators.all[node.operation] else { throw error("\(node.description): not known") }
    let module = names.module(of: number)
    let ending = names.modulesEnding(at: number)
    let isLast = module.map { ending.first == $0 } ?? true
    let results: [ImportedValue]
    do {
      let call = try OperatorCall(node: node, name: isLast ? "" : node.operation.lowercased(), importer: self)
      results = try builder.inside(module ?? node.layerName) { try operation(call) }
    } catch let problem as ShapeError {
      throw error("\(node.description): \(problem)")
    }
    guard results.count >= node.outputs.filter({ !$0.isEmpty }).count || results.count == 1 else {
      throw error("\(node.description): only its first output is known")
    }
    for (name, result) in zip(node.outputs, results) where !name.isEmpty { values[name] = result }
    if case .computed(let value)? = results.first, !ending.isEmpty {
      for module in ending { builder.alias(module, value.finished) }
    }
  }

  private mutating func call(_ function: ONNXFunction, from node: ONNXNode, depth: Int) throws {
    let outer = values
    var inner = [String: ImportedValue]()
    for (name, argument) in zip(function.inputs, node.inputs) { inner[name] = try value(named: argument) }
    values = inner
    try read(
      function.nodes.map { step in
        var step = step
        step.metadata = node.metadata.merging(step.metadata) { outer, _ in outer }
        step.attributes = step.attributes.compactMapValues { attribute in
          attribute.reference.isEmpty ? attribute : node.attributes[attribute.reference]
        }
        return step
      }, giving: function.outputs, depth: depth + 1)
    let results = values
    values = outer
    for (name, result) in zip(node.outputs, function.outputs) { values[name] = results[result] }
  }

  private mutating func takeBranch(of node: ONNXNode, depth: Int) throws {
    guard let condition = node.inputs.first, case .constant(let array)? = try value(named: condition),
      let truth = array.scalar
    else { throw error("\(node.description): its condition depends on the picture") }
    guard let branch = try node.attributes[truth != 0 ? "then_branch" : "else_branch"]?.graph() else {
      throw error("\(node.description): it has no such branch")
    }
    initializers.merge(branch.initializers) { own, _ in own }
    try read(branch.nodes, giving: branch.outputs.map(\.name), depth: depth + 1)
    for (name, result) in zip(node.outputs, branch.outputs) { values[name] = try value(named: result.name) }
  }

  // MARK: Values

  /// What a name stands for; nil for the empty name of an input that is left out.
  func value(named name: String) throws -> ImportedValue? {
    if name.isEmpty { return nil }
    if let value = values[name] { return value }
    if let tensor = initializers[name] { return .constant(try tensor.array()) }
    throw error("nothing gives \(name.quoted)")
  }

  /// A problem of the file.
  func error(_ problem: String) -> CheckpointError { CheckpointError(file: file.path, problem: problem) }

  /// The nodes so that each stands behind what it reads.
  private static func inOrder(_ nodes: [ONNXNode], file: String) throws -> [ONNXNode] {
    var maker = [String: Int]()
    for (number, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty { maker[output] = number }
    }
    let isOrdered = nodes.enumerated().allSatisfy { number, node in
      node.inputs.allSatisfy { input in maker[input].map { $0 < number } ?? true }
    }
    if isOrdered { return nodes }
    var waiting = nodes.map { node in Set(node.inputs.compactMap { maker[$0] }).count }
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (number, node) in nodes.enumerated() {
      for made in Set(node.inputs.compactMap({ maker[$0] })) { readers[made].append(number) }
    }
    var ready = nodes.indices.filter { waiting[$0] == 0 }
    var ordered = [ONNXNode]()
    var place = 0
    while place < ready.count {
      ordered.append(nodes[ready[place]])
      for reader in readers[ready[place]] {
        waiting[reader] -= 1
        if waiting[reader] == 0 { ready.append(reader) }
      }
      place += 1
    }
    guard ordered.count == nodes.count else {
      throw CheckpointError(file: file, problem: "a damaged ONNX file: its nodes read each other in a circle")
    }
    return ordered
  }
}

extension ONNXNode {
  /// What a layer is called that no module's name is noted for: by the node, or else by what it gives.
  fileprivate var layerName: String {
    (name.isEmpty ? outputs.first ?? "" : name).split(separator: "/").joined(separator: ".")
  }
}

extension ONNXFile {
  /// The input that takes the picture.
  ///
  /// - Throws: `CheckpointError` where there is none, or several.
  func pictureInput() throws -> ONNXValueInfo {
    let inputs = graph.inputs.filter { graph.initializers[$0.name] == nil }
    let maps = inputs.filter { $0.extents?.count ?? 4 == 4 }
    guard maps.count == 1, inputs.count == 1 else {
      let names = inputs.prefix(4).map { $0.name.quoted }.joined(separator: ", ")
      throw CheckpointError(
        file: path,
        problem: "expected one input, a batch of pictures, found \(inputs.count)\(names.isEmpty ? "" : ": \(names)")")
    }
    if case .fixed(let batch)? = maps[0].extents?.first, batch != 1 {
      throw CheckpointError(
        file: path,
        problem: "it was exported for batches of \(batch); export it for one picture, or with a free batch axis")
    }
    return maps[0]
  }

  /// Whether the picture's channels come last, as Keras has them.
  public var isChannelsLast: Bool {
    guard let extents = try? pictureInput().extents, extents.count == 4 else { return false }
    func isChannels(_ extent: ONNXValueInfo.Extent) -> Bool {
      if case .fixed(let count) = extent { count <= 4 } else { false }
    }
    return isChannels(extents[3]) && !isChannels(extents[1])
  }

  /// The channels, rows and columns of the picture; nil where an axis is free.
  public func pictureExtents() throws -> (channels: Int?, height: Int?, width: Int?) {
    let extents = (try pictureInput().extents ?? []).map { extent -> Int? in
      if case .fixed(let count) = extent, count > 0 { count } else { nil }
    }
    guard extents.count == 4 else { return (nil, nil, nil) }
    return isChannelsLast ? (extents[3], extents[1], extents[2]) : (extents[1], extents[2], extents[3])
  }

  /// An output by its name; the first one where none is given.
  ///
  /// - Throws: `CheckpointError` that lists the outputs where there is no such one.
  func output(named name: String?) throws -> ONNXValueInfo {
    guard let name else {
      guard let first = graph.outputs.first else {
        throw CheckpointError(file: path, problem: "the graph has no output")
      }
      return first
    }
    guard let found = graph.outputs.first(where: { $0.name == name }) else {
      let names = graph.outputs.prefix(8).map { $0.name.quoted }.joined(separator: ", ")
      throw CheckpointError(file: path, problem: "no output \(name.quoted); it has \(names)")
    }
    return found
  }
}
