/// x · (1 + erf(x / √2)) / 2 as the exact GELU, in the orders in which exporters write it.
enum RecognizedGELU {
  static func rewrite(_ pattern: inout NodePattern) {
    for number in pattern.indices {
      guard let erf = pattern.node(number, "Erf"), let inner = pattern.maker(of: erf.inputs.first),
        pattern.onlyReader(of: inner) == number, let x = scaledInput(inner, pattern),
        let sum = pattern.onlyReader(of: number), let add = pattern.node(sum, "Add"),
        add.inputs.contains(where: { isClose(pattern.constant($0), 1) }),
        let (numbers, last) = products(of: x, behind: sum, pattern)
      else { continue }
      var gelu = last
      gelu.operation = "Gelu"
      gelu.inputs = [x]
      gelu.attributes = [:]
      pattern.replace([inner, number, sum] + numbers, by: gelu)
    }
  }

  /// x of x / √2 or of x · (1 / √2).
  private static func scaledInput(_ number: Int, _ pattern: NodePattern) -> String? {
    if let node = pattern.node(number, "Div"), node.inputs.count == 2,
      isClose(pattern.constant(node.inputs[1]), 1.4142135)
    {
      return node.inputs[0]
    }
    guard let node = pattern.node(number, "Mul"), node.inputs.count == 2 else { return nil }
    return zip(node.inputs, node.inputs.reversed()).first { isClose(pattern.constant($0.1), 0.70710677) }?.0
  }

  /// The two multiplications by x and by ½ behind the sum, in either order; ½ may have gone to x before.
  private static func products(
    of x: String, behind sum: Int, _ pattern: NodePattern
  ) -> (numbers: [Int], last: ONNXNode)? {
    guard let first = pattern.onlyReader(of: sum), let node = pattern.node(first, "Mul"),
      let other = pattern.otherInput(of: node, than: sum)
    else { return nil }
    // (x · ½) · (1 + erf)
    if let half = pattern.maker(of: other), pattern.onlyReader(of: half) == first,
      let halved = pattern.node(half, "Mul"), halved.inputs.contains(x),
      halved.inputs.contains(where: { isClose(pattern.constant($0), 0.5) })
    {
      return ([half, first], node)
    }
    guard let second = pattern.onlyReader(of: first), let last = pattern.node(second, "Mul") else { return nil }
    let factors = [other] + last.inputs.filter { $0 != node.outputs.first }
    guard factors.contains(x), factors.contains(where: { isClose(pattern.constant($0), 0.5) }) else { return nil }
    return ([first, second], last)
  }

  private static func isClose(_ value: Float?, _ wanted: Float) -> Bool {
    value.map { abs($0 - wanted) < 1e-4 } ?? false
  }
}

extension NodePattern {
  /// What a node gives, by name.
  func outputs(of number: Int) -> [String] { anyNode(number)?.outputs ?? [] }
}
