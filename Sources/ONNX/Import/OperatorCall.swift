import LayerGraph
import Tensors

/// One node on its way into the graph: what it reads, its attributes, and where its ops go.
struct OperatorCall {
  let node: ONNXNode
  let builder: GraphBuilder
  /// The name, inside of its module, for the op that does the node's work; empty where it is the module's last one.
  let name: String
  /// The version of ONNX's operators.
  let opset: Int
  /// What it reads; nil for inputs that are left out.
  let inputs: [ImportedValue?]

  init(node: ONNXNode, name: String, importer: GraphImporter) throws {
    self.node = node
    self.name = name
    builder = importer.builder
    opset = importer.file.opset
    inputs = try node.inputs.map { try importer.value(named: $0) }
  }

  // MARK: Inputs

  /// An input that must be there.
  func input(_ index: Int) throws -> ImportedValue {
    guard let value = optionalInput(index) else { throw ShapeError("it lacks its input \(index)") }
    return value
  }

  /// An input, nil where it is left out.
  func optionalInput(_ index: Int) -> ImportedValue? { index < inputs.count ? inputs[index] : nil }

  /// An input that is computed from the picture, times its factor.
  func computed(_ index: Int) throws -> ComputedValue {
    let value = try computedWithFactor(index)
    return ComputedValue(value.finished, extents: value.extents)
  }

  /// The same, its factor still to be multiplied by. A constant becomes a node.
  func computedWithFactor(_ index: Int) throws -> ComputedValue {
    switch try input(index) {
    case .computed(let value): value
    case .constant(let array): node(of: array)
    }
  }

  /// An input that is known without the picture.
  func constant(_ index: Int) throws -> ConstantArray {
    guard case .constant(let array) = try input(index) else {
      throw ShapeError("its input \(index) depends on the picture, and must not")
    }
    return array
  }

  /// A constant, nil where the input is left out.
  func optionalConstant(_ index: Int) throws -> ConstantArray? {
    optionalInput(index) == nil ? nil : try constant(index)
  }

  /// Integers, from an input; nil where it is left out.
  func integers(_ index: Int) throws -> [Int]? {
    guard let array = try optionalConstant(index) else { return nil }
    guard let integers = array.integers else { throw ShapeError("its input \(index) has no integers") }
    return integers
  }

  /// Integers, from an attribute in older versions and from an input in newer ones.
  func integers(_ attribute: String, orInput index: Int) throws -> [Int]? {
    try node.attributes[attribute]?.integers ?? integers(index)
  }

  /// Whether nothing that it reads depends on the picture.
  var isConstant: Bool {
    inputs.allSatisfy { if case .computed? = $0 { false } else { true } }
  }

  // MARK: Attributes

  func integer(_ attribute: String) -> Int? { node.attributes[attribute]?.integer }
  func integer(_ attribute: String, default value: Int) -> Int { integer(attribute) ?? value }
  func float(_ attribute: String, default value: Float) -> Float { node.attributes[attribute]?.float ?? value }
  func text(_ attribute: String) -> String? { node.attributes[attribute]?.text }
  func list(_ attribute: String) -> [Int]? { node.attributes[attribute]?.integers }

  /// An axis counted from the front.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let counted = axis < 0 ? axis + rank : axis
    guard (0..<max(rank, 1)).contains(counted) else { throw ShapeError("no axis \(axis) of \(rank)") }
    return counted
  }

  /// Axes counted from the front, each once.
  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let counted = try axes.map { try axis($0, rank: rank) }
    guard Set(counted).count == counted.count else { throw ShapeError("the axes \(axes.prefix(8)) repeat one") }
    return counted
  }

  // MARK: Results

  /// A constant as a node of the graph.
  func node(of array: ConstantArray) -> ComputedValue {
    let shape = ComputedValue.sampleShape(of: array.extents)
    return ComputedValue(builder.constant("constant", array.tensor.reshaped(to: shape)), extents: array.extents)
  }

  /// A value moved by a table of numbers.
  func moved(_ value: ImportedValue, _ table: [Int], to extents: [Int], constant: Float = 0) -> ImportedValue {
    switch value {
    case .constant(let array): return .constant(array.gathered(table, as: extents, constant: constant))
    case .computed(let value):
      let source = constant == 0 ? value.value : value.finished
      let gathered = source.gathered(table, as: ComputedValue.sampleShape(of: extents), constant: constant)
      return .computed(ComputedValue(gathered, extents: extents, factor: constant == 0 ? value.factor : 1))
    }
  }

  /// A computed value of the given extents.
  func result(_ value: Value, _ extents: [Int], factor: Float = 1) -> [ImportedValue] {
    [.computed(ComputedValue(value, extents: extents, factor: factor))]
  }
}

/// What the operators of ONNX become: a table by their names.
enum Operators {
  typealias Importer = @Sendable (OperatorCall) throws -> [ImportedValue]

  static let all: [String: Importer] = [
    convolutions, transposedConvolutions, pooling, products, attention, norms, activations, arithmetic, logic,
    reductions, movements, gathering,
    rearranging, shapes, resizing, quantization,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}
