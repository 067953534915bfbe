import Checkpoints
import Tensors

extension ONNXFile {
  /// What the file holds, in lines: who wrote it, what goes in and comes out, how many weights, which operators.
  public var summary: [String] {
    let operators = Dictionary(grouping: graph.nodes, by: \.operation).map { (name: $0.key, count: $0.value.count) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    let weights = graph.initializers.values.compactMap { ONNXTensor.count(of: $0.extents) }
    let inputs = graph.inputs.filter { graph.initializers[$0.name] == nil }
    return [
      "\(path): an exported model, by \(producer.isEmpty ? "an unknown program" : producer.printable), opset \(opset)",
      "  \(weights.count) constants, \(weights.reduce(0) { $0 &+ $1 }) elements",
    ] + inputs.map { "  input \($0.summary)" } + graph.outputs.map { "  output \($0.summary)" }
      + metadata.sorted { $0.key < $1.key }.map { "  \($0.key.printable): \($0.value.printable)" }
      + [
        "  \(graph.nodes.count) nodes: " + operators.map { "\($0.count) \($0.name.printable)" }.joined(separator: ", ")
      ]
  }
}

extension ONNXValueInfo {
  /// `x: N×3×224×224`.
  fileprivate var summary: String {
    let shape = extents.map { extents in
      extents.map { extent in
        switch extent {
        case .fixed(let count): String(count)
        case .free(let name): name.isEmpty ? "?" : name.printable
        }
      }.joined(separator: "×")
    }
    return "\(name.printable): \(shape ?? "of any shape")"
  }
}
