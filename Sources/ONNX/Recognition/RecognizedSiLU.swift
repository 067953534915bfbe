/// x · sigmoid(x) as SiLU, x · hardsigmoid(x) as Hardswish.
enum RecognizedSiLU {
  static func rewrite(_ pattern: inout NodePattern) {
    for gate in pattern.indices {
      guard let (node, name) = gateNode(gate, pattern), let product = pattern.onlyReader(of: gate),
        var activation = pattern.node(product, "Mul"), Set(activation.inputs) == [node.inputs[0], node.outputs[0]]
      else { continue }
      activation.operation = name
      activation.inputs = [node.inputs[0]]
      activation.attributes = [:]
      pattern.replace([gate, product], by: activation)
    }
  }

  private static func gateNode(_ number: Int, _ pattern: NodePattern) -> (ONNXNode, String)? {
    if let node = pattern.node(number, "Sigmoid"), node.inputs.count == 1, !node.outputs.isEmpty {
      return (node, "SiLU")
    }
    if let node = pattern.node(number, "HardSigmoid"), node.inputs.count == 1, !node.outputs.isEmpty,
      abs((node.attributes["alpha"]?.float ?? 0.2) - 1 / 6) < 1e-6, node.attributes["beta"]?.float ?? 0.5 == 0.5
    {
      return (node, "HardSwish")
    }
    return nil
  }
}
