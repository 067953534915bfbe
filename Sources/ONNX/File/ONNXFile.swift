import Checkpoints
import Tensors

/// A model in the format of ONNX, as far as an explanation needs it: its graph, and who wrote it.
///
/// The file is mapped and read a message at a time; weights stay where they lie until a node asks for them.
public struct ONNXFile: Sendable {
  /// The path, as the caller named it.
  public let path: String
  /// The program that wrote the file, such as `pytorch 2.6`.
  public let producer: String
  /// The version of ONNX's own operators.
  public let opset: Int
  /// What its author says of it, by key.
  public let metadata: [String: String]
  let graph: ONNXGraph
  /// Functions that nodes may call, by domain and name.
  let functions: [String: ONNXFunction]

  /// Whether a file looks like a model in this format: by its name, since the format has no signature.
  public static func isNamed(_ path: String) -> Bool { path.lowercased().hasSuffix(".onnx") }

  /// Reads the structure of a model.
  ///
  /// - Throws: `CheckpointError` where the file is damaged or holds no graph.
  public init(contentsOf path: String) throws {
    try self.init(ByteRegion(contentsOf: path))
  }

  init(_ region: ByteRegion) throws {
    path = region.file
    var (name, version) = ("", "")
    var opsets = [String: Int]()
    var metadata = [String: String]()
    var graph: ByteRegion?
    var functions = [String: ONNXFunction]()
    try region.forEachField { field in
      switch field.number {
      case 2: name = field.text
      case 3: version = field.text
      case 7: graph = field.bytes
      case 8:
        let entry = try field.bytes?.fields() ?? [:]
        opsets[entry[1]?.text ?? ""] = entry[2]?.integer ?? 0
      case 14:
        let entry = try field.bytes?.fields() ?? [:]
        metadata[entry[1]?.text ?? ""] = entry[2]?.text ?? ""
      case 25:
        if let bytes = field.bytes {
          let function = try ONNXFunction(bytes)
          functions[function.key] = function
        }
      default: break
      }
    }
    guard let graph else {
      throw CheckpointError(file: region.file, problem: "no ONNX file: it holds no graph; was it exported whole?")
    }
    producer = [name, version].filter { !$0.isEmpty }.joined(separator: " ")
    opset = opsets[""] ?? opsets["ai.onnx"] ?? 0
    self.metadata = metadata
    self.functions = functions
    self.graph = try ONNXGraph(graph)
  }
}

/// The nodes of a model, what goes in, what comes out, and its weights.
struct ONNXGraph: Sendable {
  let nodes: [ONNXNode]
  let inputs: [ONNXValueInfo]
  let outputs: [ONNXValueInfo]
  let initializers: [String: ONNXTensor]

  init(_ region: ByteRegion) throws {
    var nodes = [ONNXNode]()
    var (inputs, outputs) = ([ONNXValueInfo](), [ONNXValueInfo]())
    var initializers = [String: ONNXTensor]()
    try region.forEachField { field in
      guard let bytes = field.bytes else { return }
      switch field.number {
      case 1: nodes.append(try ONNXNode(bytes))
      case 5:
        let tensor = try ONNXTensor(bytes)
        initializers[tensor.name] = tensor
      case 11: inputs.append(try ONNXValueInfo(bytes))
      case 12: outputs.append(try ONNXValueInfo(bytes))
      default: break
      }
    }
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
    self.initializers = initializers
  }
}

/// A function that a model's own nodes are called by name of.
struct ONNXFunction: Sendable {
  let name: String
  let domain: String
  let inputs: [String]
  let outputs: [String]
  let nodes: [ONNXNode]

  /// What a node has to say to call it.
  var key: String { "\(domain):\(name)" }

  init(_ region: ByteRegion) throws {
    var (name, domain) = ("", "")
    var (inputs, outputs) = ([String](), [String]())
    var nodes = [ONNXNode]()
    try region.forEachField { field in
      switch field.number {
      case 1: name = field.text
      case 4: inputs.append(field.text)
      case 5: outputs.append(field.text)
      case 7: if let bytes = field.bytes { nodes.append(try ONNXNode(bytes)) }
      case 10: domain = field.text
      default: break
      }
    }
    self.name = name
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    self.nodes = nodes
  }
}

/// The name, element type and shape of an input or output.
struct ONNXValueInfo: Sendable {
  /// An extent, or the name that stands for a free one.
  enum Extent: Sendable, Equatable {
    case fixed(Int)
    case free(String)
  }

  let name: String
  let elementType: Int
  /// The extents; nil where the file does not say.
  let extents: [Extent]?

  init(_ region: ByteRegion) throws {
    let fields = try region.fields()
    name = fields[1]?.text ?? ""
    let tensor = try fields[2]?.bytes?.fields()[1]?.bytes?.fields() ?? [:]
    elementType = tensor[1]?.integer ?? 0
    var extents: [Extent]?
    if let shape = tensor[2]?.bytes {
      var found = [Extent]()
      try shape.forEachField { field in
        guard field.number == 1, let dimension = field.bytes else { return }
        let parts = try dimension.fields()
        if let count = parts[1]?.integer {
          found.append(.fixed(count))
        } else {
          found.append(.free(parts[2]?.text ?? ""))
        }
      }
      extents = found
    }
    self.extents = extents
  }
}

extension ByteRegion {
  /// The fields of a small message by number, the last one where there are several.
  func fields() throws -> [Int: WireReader.Field] {
    var result = [Int: WireReader.Field]()
    try forEachField { result[$0.number] = $0 }
    return result
  }
}
