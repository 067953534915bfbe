import Tensors

/// y = a + b, element by element.
struct Add: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      throw ShapeError("expected two inputs of one shape, found \(inputs)")
    }
    return inputs[0]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0] + inputs[1]
  }

  /// ∂a = ∂b = ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [gradient, gradient]
  }
}

extension Add: PlacedOp {
  /// Those of the operand that has some.
  func places(of inputs: [Places], shapes: [Shape]) -> Places { inputs[0].merged(with: inputs[1], shape: shapes[0]) }
}

extension GraphBuilder {
  /// The sum, element by element.
  public func sum(_ name: String, _ left: Value, _ right: Value) -> Value {
    append(name, Add(), [left, right])
  }
}

extension Value {
  /// The sum, element by element.
  public static func + (left: Value, right: Value) -> Value {
    left.builder.append("add", Add(), [left, right])
  }
}
