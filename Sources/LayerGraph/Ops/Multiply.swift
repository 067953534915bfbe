import CKernels
import Tensors

/// y = a ⊙ b, where b may have one value in place of each of a's last axes: a gate C×1×1 scales each map of C×H×W.
struct Multiply: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 2, Self.broadcasts(inputs[1], to: inputs[0]) else {
      throw ShapeError("expected two inputs of one shape, or a second one whose last extents are 1, found \(inputs)")
    }
    return inputs[0]
  }

  /// Whether the extents agree up to some axis, and are 1 from there on.
  private static func broadcasts(_ gate: Shape, to shape: Shape) -> Bool {
    let common = zip(gate.extents, shape.extents).prefix { $0 == $1 }.count
    return gate.rank == shape.rank && gate.extents.dropFirst(common).allSatisfy { $0 == 1 }
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    scaled(inputs[0], by: inputs[1])
  }

  /// ∂a = ∂y ⊙ b, and ∂b = Σ ∂y ⊙ a over what b was repeated along.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [scaled(gradient, by: inputs[1]), contracted(gradient, inputs[0], to: inputs[1].shape)]
  }

  private func scaled(_ x: Tensor, by gate: Tensor) -> Tensor {
    guard gate.count < x.count else { return x * gate }
    let size = x.count / gate.count
    return Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        gate.withScalars { gate in
          Tensor.forEachRow(of: gate.count, columns: size) { rows in
            for row in rows { vitcam_affine(x.base + row * size, gate[row], 0, y.base + row * size, size) }
          }
        }
      }
    }
  }

  private func contracted(_ a: Tensor, _ b: Tensor, to shape: Shape) -> Tensor {
    guard shape.count < a.count else { return a * b }
    let size = a.count / shape.count
    return Tensor(unfilled: shape) { sums in
      a.withScalars { a in
        b.withScalars { b in
          Tensor.forEachRow(of: shape.count, columns: size) { rows in
            for row in rows { sums[row] = vitcam_dot(a.base + row * size, b.base + row * size, size) }
          }
        }
      }
    }
  }
}

extension Multiply: RelevanceOp {
  /// Nothing goes back to a gate of whole maps, as squeeze-and-excitation has it, where gates are constant.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    guard rules.gatesAreConstant, inputs[1].count < inputs[0].count else {
      return backward(gradient, inputs: inputs, output: output)
    }
    return [scaled(gradient, by: inputs[1])]
  }
}

extension Multiply: PlacedOp {
  /// Those of the operand that has some; a gate of whole maps has none of its own.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    shapes[0] == shapes[1] ? inputs[0].merged(with: inputs[1], shape: shapes[0]) : inputs[0]
  }
}

extension GraphBuilder {
  /// The product, element by element; the second factor's last axes may have the extent 1.
  public func product(_ name: String, _ left: Value, _ right: Value) -> Value {
    append(name, Multiply(), [left, right])
  }
}

extension Value {
  /// The product, element by element; the second factor's last axes may have the extent 1.
  public static func * (left: Value, right: Value) -> Value {
    left.builder.append("mul", Multiply(), [left, right])
  }
}
