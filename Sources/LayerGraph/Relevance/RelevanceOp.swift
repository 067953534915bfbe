import Tensors

/// An op that says how relevance goes back through it, where that is not its derivative.
protocol RelevanceOp: Op {
  /// What goes back to the inputs, in their order; nothing to those that are left out at the end.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor]
}

/// An activation x · gate(x).
protocol GatedActivation: RelevanceOp {}

extension GatedActivation {
  /// ∂x = ∂y · y / x, the gate. It is ½ at 0, for GELU, SiLU and Hardswish alike.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    guard rules.gatesAreConstant else { return backward(gradient, inputs: inputs, output: output) }
    return [gradient * Self.gates(inputs[0], output)]
  }

  /// y / x, and ½ at 0.
  static func gates(_ x: Tensor, _ y: Tensor) -> Tensor {
    x.combined(with: y) { x, y, gate, count in
      for index in 0..<count { gate[index] = abs(x[index]) > 1e-6 ? y[index] / x[index] : 0.5 }
    }
  }
}

extension GELU: GatedActivation {}
extension SiLU: GatedActivation {}
extension HardSwish: GatedActivation {}
/// Where it is cut off, the gate goes on; above 0 it is 1 up to there.
extension ReLU6: GatedActivation {}
