import Checkpoints
import Tensors

/// One step of a model: an operator, what it reads and what it gives, by name.
struct ONNXNode: Sendable {
  var name: String
  var operation: String
  var domain: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: ONNXAttribute]
  /// What exporters note about it.
  var metadata: [String: String]

  init(_ region: ByteRegion) throws {
    var (name, operation, domain) = ("", "", "")
    var (inputs, outputs) = ([String](), [String]())
    var attributes = [String: ONNXAttribute]()
    var metadata = [String: String]()
    try region.forEachField { field in
      switch field.number {
      case 1: inputs.append(field.text)
      case 2: outputs.append(field.text)
      case 3: name = field.text
      case 4: operation = field.text
      case 5:
        if let bytes = field.bytes {
          let attribute = try ONNXAttribute(bytes)
          attributes[attribute.name] = attribute
        }
      case 7: domain = field.text
      case 9:
        let entry = try field.bytes?.fields() ?? [:]
        metadata[entry[1]?.text ?? ""] = entry[2]?.text ?? ""
      default: break
      }
    }
    self.name = name
    self.operation = operation
    self.domain = domain == "ai.onnx" ? "" : domain
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.metadata = metadata
  }

  /// What a message calls this node: its operator and its name, or else what it gives.
  var description: String {
    "\(operation.quotedName) \((name.isEmpty ? outputs.first ?? "" : name).quoted)"
  }
}

extension String {
  /// An operator's name fit for a message.
  fileprivate var quotedName: String { String(quoted.dropFirst().dropLast()) }
}

/// A constant of a node.
struct ONNXAttribute: Sendable {
  let name: String
  /// The attribute of the calling node that it stands for, inside a function.
  let reference: String
  let integer: Int?
  let float: Float?
  let text: String?
  let integers: [Int]
  let floats: [Float]
  let tensor: ONNXTensor?
  private let graphBytes: ByteRegion?

  /// A number, of a node that is put in the place of others.
  init(name: String, float: Float) {
    self.name = name
    self.float = float
    reference = ""
    integer = nil
    text = nil
    integers = []
    floats = []
    tensor = nil
    graphBytes = nil
  }

  init(_ region: ByteRegion) throws {
    var (name, reference) = ("", "")
    var integer: Int?
    var float: Float?
    var text: String?
    var integers = [Int]()
    var floats = [Float]()
    var tensor: ONNXTensor?
    var graph: ByteRegion?
    try region.forEachField { field in
      switch field.number {
      case 1: name = field.text
      case 2: float = field.float
      case 3: integer = field.integer
      case 4: text = field.text
      case 5: tensor = try field.bytes.map(ONNXTensor.init)
      case 6: graph = field.bytes
      case 7: floats += field.floats()
      case 8: integers += try field.integers()
      case 21: reference = field.text
      default: break
      }
    }
    self.name = name
    self.reference = reference
    self.integer = integer
    self.float = float
    self.text = text
    self.integers = integers
    self.floats = floats
    self.tensor = tensor
    graphBytes = graph
  }

  /// The graph of a branch; read only when it is taken, so that nesting costs nothing.
  func graph() throws -> ONNXGraph? { try graphBytes.map(ONNXGraph.init) }
}
