/// (x − mean) / √(variance + ε) · weight + bias over the last axis as one layer norm: how exporters write it before opset 17.
enum RecognizedLayerNorm {
  static func rewrite(_ pattern: inout NodePattern) {
    for root in pattern.indices {
      guard pattern.node(root, "Sqrt") != nil, let (x, epsilon, below) = variance(under: root, pattern),
        let quotient = pattern.onlyReader(of: root), let divide = pattern.node(quotient, "Div"),
        let difference = pattern.maker(of: divide.inputs.first), below.contains(difference),
        let scaling = pattern.onlyReader(of: quotient), let scale = pattern.node(scaling, "Mul"),
        let weight = pattern.otherInput(of: scale, than: quotient), pattern.isInitializer(weight),
        let shifting = pattern.onlyReader(of: scaling), var norm = pattern.node(shifting, "Add"),
        let bias = pattern.otherInput(of: norm, than: scaling), pattern.isInitializer(bias)
      else { continue }
      norm.operation = "LayerNormalization"
      norm.inputs = [x, weight, bias]
      norm.attributes = ["epsilon": ONNXAttribute(name: "epsilon", float: epsilon)]
      pattern.replace(below + [root, quotient, scaling, shifting], by: norm)
    }
  }

  /// x, ε and the nodes of √(mean of (x − mean of x)² + ε), the root not among them.
  private static func variance(
    under root: Int, _ pattern: NodePattern
  ) -> (x: String, epsilon: Float, nodes: [Int])? {
    guard let sum = pattern.maker(of: pattern.anyNode(root)?.inputs.first), pattern.onlyReader(of: sum) == root,
      let add = pattern.node(sum, "Add"), let epsilon = add.inputs.lazy.compactMap({ pattern.constant($0) }).first,
      let mean = add.inputs.lazy.compactMap({ pattern.maker(of: $0) }).first(where: {
        pattern.node($0, "ReduceMean") != nil
      }), pattern.isMeanOverLastAxis(mean), pattern.onlyReader(of: mean) == sum,
      let square = pattern.maker(of: pattern.anyNode(mean)?.inputs.first), pattern.onlyReader(of: square) == mean,
      let squared = squareRoot(square, pattern), let difference = pattern.maker(of: squared),
      let subtract = pattern.node(difference, "Sub"), let x = subtract.inputs.first, subtract.inputs.count == 2,
      let center = pattern.maker(of: subtract.inputs[1]), pattern.isMeanOverLastAxis(center),
      pattern.onlyReader(of: center) == difference, pattern.anyNode(center)?.inputs.first == x,
      pattern.readerCount(of: difference) == (pattern.node(square, "Mul") == nil ? 2 : 3)
    else { return nil }
    return (x, epsilon, [center, difference, square, mean, sum])
  }

  /// What a node is the square of; nil where it is none.
  private static func squareRoot(_ number: Int, _ pattern: NodePattern) -> String? {
    if let power = pattern.node(number, "Pow"), power.inputs.count == 2, pattern.constant(power.inputs[1]) == 2 {
      return power.inputs[0]
    }
    guard let product = pattern.node(number, "Mul"), Set(product.inputs).count == 1 else { return nil }
    return product.inputs[0]
  }
}

extension NodePattern {
  fileprivate func isMeanOverLastAxis(_ number: Int) -> Bool {
    guard let node = node(number, "ReduceMean"), node.attributes["keepdims"]?.integer ?? 1 != 0 else { return false }
    return node.attributes["axes"]?.integers == [-1] || node.inputs.count == 2 && constant(node.inputs[1]) == -1
  }
}
