import Tensors

/// Writes a model down as a graph.
///
/// An architecture is a function from a builder and a ``Value`` to a ``Value``. The builder looks each layer's weights up by
/// the names of the scopes around it, collects everything that is missing or misshapen, and throws once, in
/// ``graph(output:)``, with all of it.
public final class GraphBuilder {
  private let parameters: any ParameterSource
  private var nodes: [Node] = []
  private var orderedNames: [(name: String, node: NodeID)] = []
  private var taken: Set<String> = []
  private var scopes: [String] = []
  private var used: Set<String> = []
  private var mismatch = ParameterMismatch()
  private var firstError: (any Error)?
  private var sharedZeros = Tensor(repeating: 0, shape: [0])
  private let stopsAtFirstMismatch: Bool

  /// A builder that takes weights from `parameters`.
  ///
  /// - Parameters:
  ///   - parameters: the weights.
  ///   - stopsAtFirstMismatch: whether it is enough to know that something does not fit; a search through many
  ///     architectures is then several times faster.
  ///   - convertsParameters: whether parameters that could be converted fit, such as position embeddings of another grid.
  ///   - activation: what stands behind the last layer; as the architecture has it where nil.
  public init(
    parameters: any ParameterSource, stopsAtFirstMismatch: Bool = false, convertsParameters: Bool = true,
    activation: OutputActivation? = nil
  ) {
    self.parameters = parameters
    self.activation = activation
    self.convertsParameters = convertsParameters
    self.stopsAtFirstMismatch = stopsAtFirstMismatch
  }

  /// What the user says of the end of the model; nil where the architecture decides.
  public let activation: OutputActivation?

  /// What the parameters could not show, how it was read, and the option that reads it otherwise: see ``assume(_:)``.
  public private(set) var assumptions: [String] = []

  /// The number of scalars of all parameters that were asked for.
  public private(set) var parameterCount = 0

  /// Whether a parameter of a shape that could be converted, such as position embeddings of another grid, fits.
  public let convertsParameters: Bool

  /// Whether nothing but shapes matters any more.
  private var isAbandoned: Bool { stopsAtFirstMismatch && !mismatch.isEmpty }

  // MARK: Nodes

  /// The model's input: one sample's shape, such as 3×224×224.
  public func input(_ shape: Shape) -> Value {
    precondition(nodes.isEmpty, "a graph has one input, and it comes first")
    return append("input", Input(shape: shape), [])
  }

  /// Appends a node.
  ///
  /// - Parameters:
  ///   - name: the layer's name within the scopes around it; a name that is taken gets a number.
  ///   - op: what it computes.
  ///   - inputs: what it reads.
  /// - Returns: its result. Where the inputs do not fit, the error is kept for ``graph(output:)``.
  public func append(_ name: String, _ op: some Op, _ inputs: [Value]) -> Value {
    let name = isAbandoned ? name : unique(path(name))
    do {
      let shape = try op.outputShape(for: inputs.map(\.shape))
      guard !isAbandoned else { return Value(id: 0, shape: shape, builder: self) }
      try Self.check(shape)
      guard firstError == nil else { return Value(id: 0, shape: shape, builder: self) }
      nodes.append(Node(name: name, op: op, inputs: inputs.map(\.id), shape: shape))
      orderedNames.append((name, nodes.count - 1))
      taken.insert(name)
      return Value(id: nodes.count - 1, shape: shape, builder: self)
    } catch {
      firstError = firstError ?? GraphError("\(name): \(error)")
      // The architecture goes on and may look at axes: as many as it would have found.
      let shape = (op as? Reshape)?.shape ?? (op as? Input)?.shape ?? inputs.first?.shape ?? [1]
      return Value(id: 0, shape: shape, builder: self)
    }
  }

  /// Refuses results without scalars, which nothing can be computed from, and those that no memory holds.
  private static func check(_ shape: Shape) throws(ShapeError) {
    let largest = 1 << 31
    var count = 1
    for extent in shape.extents {
      guard extent > 0 else { throw ShapeError("the result would be empty: \(shape)") }
      guard extent <= largest / count else { throw ShapeError("the result would be too large: \(shape)") }
      count *= extent
    }
  }

  /// Runs `body` inside a module's name, and makes that name mean the value that `body` returns: what a forward hook on
  /// the module would see.
  public func scope(_ name: String, _ body: () -> Value) -> Value {
    scopes.append(name)
    let value = body()
    scopes.removeLast()
    alias(name, value)
    return value
  }

  /// The same for the i-th child of a container.
  public func scope(_ index: Int, _ body: () -> Value) -> Value {
    scope(String(index), body)
  }

  /// Runs `body` with names inside of a module, without giving the module a value. A layer with an empty name is the module
  /// itself.
  public func inside<Result>(_ module: String, _ body: () throws -> Result) rethrows -> Result {
    scopes.append(module)
    defer { scopes.removeLast() }
    return try body()
  }

  /// Gives a value one more name within the scopes around, for example that of a module that does nothing.
  public func alias(_ name: String, _ value: Value) {
    let name = path(name)
    guard firstError == nil, !isAbandoned, taken.insert(name).inserted else { return }
    orderedNames.append((name, value.id))
  }

  /// Refuses the model with an error of one line, thrown by ``graph(output:)``.
  public func fail(_ problem: String) {
    firstError = firstError ?? GraphError((scopes.isEmpty ? "" : scopes.joined(separator: ".") + ": ") + problem)
  }

  /// Whether a value is a sigmoid's.
  func isSigmoid(_ value: Value) -> Bool { nodes.indices.contains(value.id) && nodes[value.id].op is Sigmoid }

  /// Whether a value is what a softmax gives.
  func isSoftmax(_ value: Value) -> Bool { nodes.indices.contains(value.id) && nodes[value.id].op is Softmax }

  /// What a value's node reads first.
  func input(of value: Value) -> Value {
    let id = nodes[value.id].inputs[0]
    return Value(id: id, shape: nodes[id].shape, builder: self)
  }

  /// The name of the layer that gives a value.
  public func layerName(of value: Value) -> String { nodes.indices.contains(value.id) ? nodes[value.id].name : "" }

  /// The map whose averages over all places a value is; nil where it is none.
  public func pooledMap(of value: Value) -> Value? {
    guard nodes.indices.contains(value.id), let pool = nodes[value.id].op as? GlobalPool, pool.kind == .average,
      let map = nodes[value.id].inputs.first
    else { return nil }
    return Value(id: map, shape: nodes[map].shape, builder: self)
  }

  /// The node behind a value.
  func node(of value: Value) -> Node { nodes[value.id] }

  /// The shape of one sample of a node's result.
  func shape(ofNode id: NodeID) -> Shape { nodes[id].shape }

  /// Notes a reading of what the parameters cannot show, in one line with the option that takes another.
  public func assume(_ reading: String) {
    assumptions.append(reading)
  }

  // MARK: Parameters

  /// Whether the weights have a parameter of this name within the scopes around.
  public func hasParameter(_ name: String) -> Bool {
    parameters.shape(ofParameter: path(name)) != nil
  }

  /// A parameter's shape, where the weights have it.
  public func parameterShape(_ name: String) -> Shape? {
    parameters.shape(ofParameter: path(name))
  }

  /// A parameter within the scopes around. Where it is missing or of another shape, that is noted and zeros serve.
  public func parameter(_ name: String, _ shape: Shape) -> Tensor {
    guard !isAbandoned else { return zeros(shape) }
    let name = path(name)
    if used.insert(name).inserted { parameterCount += shape.count }
    guard let found = parameters.shape(ofParameter: name) else {
      mismatch.missing.append(name)
      return zeros(shape)
    }
    guard found == shape else {
      mismatch.misshapen.append(.init(name: name, expected: shape, found: found))
      return zeros(shape)
    }
    do {
      return try parameters.parameter(name)
    } catch {
      firstError = firstError ?? error
      return zeros(shape)
    }
  }

  /// What stands in for parameters that cannot be had, so that building goes on and all of them are found. They share one
  /// buffer: a checkpoint that does not fit at all must not cost the memory of the model.
  private func zeros(_ shape: Shape) -> Tensor {
    if sharedZeros.count < shape.count { sharedZeros = Tensor(unreadZeros: [shape.count]) }
    return sharedZeros.samples(0..<shape.count).reshaped(to: shape)
  }

  /// A parameter that some variants have and others lack, such as a bias.
  public func optionalParameter(_ name: String, _ shape: Shape) -> Tensor? {
    hasParameter(name) ? parameter(name, shape) : nil
  }

  /// Says that a parameter is known and not needed, such as a counter of batches.
  public func ignoreParameter(_ name: String) {
    used.insert(path(name))
  }

  /// The parameters that nothing has asked for yet, in their order; none once something does not fit and only that matters.
  public var unusedParameters: [String] {
    isAbandoned || firstError != nil ? [] : parameters.parameterNames.filter { !used.contains($0) }
  }

  // MARK: The result

  /// The finished graph.
  ///
  /// - Throws: ``GraphError`` where shapes do not fit; what reading a parameter threw; ``ParameterMismatch`` with all that
  ///   is missing, unused or misshapen.
  public func graph(output: Value) throws -> Graph {
    // First, because what comes after an error wants parameters of shapes that mean nothing.
    if let firstError { throw firstError }
    var mismatch = mismatch
    mismatch.unused = unusedParameters
    guard mismatch.isEmpty else { throw mismatch }
    return Graph(nodes: nodes, output: output.id, orderedNames: orderedNames)
  }

  private func path(_ name: String) -> String {
    (scopes + [name]).filter { !$0.isEmpty }.joined(separator: ".")
  }

  private func unique(_ name: String) -> String {
    guard taken.contains(name) else { return name }
    var number = 1
    while taken.contains("\(name)_\(number)") { number += 1 }
    return "\(name)_\(number)"
  }
}

/// What a node of a graph under construction will give.
public struct Value {
  let id: NodeID
  /// The shape of one sample.
  public let shape: Shape
  let builder: GraphBuilder
}

/// A model that cannot be built.
public struct GraphError: Error, Equatable, CustomStringConvertible {
  /// One line: the node, what was expected and what was found.
  public let description: String

  /// An error of one line that says where, what was expected and what was found.
  public init(_ description: String) {
    self.description = description
  }
}

/// The model's input: it is given, never computed.
struct Input: Op {
  let shape: Shape

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { shape }

  func forward(_ inputs: [Tensor]) -> Tensor {
    preconditionFailure("the model's input is given, not computed")
  }

  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] { [] }
}
