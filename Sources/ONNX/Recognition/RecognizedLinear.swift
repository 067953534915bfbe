/// A product with a matrix and the addition of a bias as one linear layer.
///
/// Whether the operands are constants of the right shapes is seen when the node is read: it stays two ops where they are not.
enum RecognizedLinear {
  static func rewrite(_ pattern: inout NodePattern) {
    for product in pattern.indices {
      guard let matMul = pattern.node(product, "MatMul"), matMul.inputs.count == 2,
        let sum = pattern.onlyReader(of: product), var add = pattern.node(sum, "Add"),
        let bias = pattern.otherInput(of: add, than: product), pattern.isInitializer(bias)
      else { continue }
      add.operation = "Linear"
      add.inputs = matMul.inputs + [bias]
      pattern.replace([product, sum], by: add)
    }
  }
}

extension NodePattern {
  /// Whether a value is a weight of the file, and no node's result.
  func isInitializer(_ name: String) -> Bool { initializers[name] != nil }
}
