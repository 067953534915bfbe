import CKernels
import Tensors

/// y = x + c or y = x ⊙ c with a constant that may be repeated along axes of a sample.
struct ConstantOperand: Op {
  enum Kind: Sendable { case sum, product }
  let kind: Kind
  /// The constant without the axes at its ends along which it is repeated: y[i] = x[i] ∘ c[i / inner mod count].
  let values: Tensor
  /// How many neighbours in a sample have the same value.
  let inner: Int

  /// - Precondition: `constant` has the sample's axes, with its extents or 1.
  init(_ kind: Kind, _ constant: Tensor, for shape: Shape) {
    let extents = constant.shape.extents
    precondition(
      extents.count == shape.rank && zip(extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 },
      "a constant of \(constant.shape) for \(shape)")
    self.kind = kind
    let trailing = extents.reversed().prefix { $0 == 1 }.count
    let leading = min(extents.prefix { $0 == 1 }.count, extents.count - trailing)
    let own = leading..<extents.count - trailing
    let wanted = Shape(Array(shape.extents[own]))
    inner = shape.extents.suffix(trailing).reduce(1, *)
    values = constant.reshaped(to: Shape(Array(extents[own]))).expanded(to: wanted).reshaped(to: [wanted.count])
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.count % (values.count * inner) == 0 else {
      throw ShapeError("expected a multiple of \(values.count * inner) scalars, found \(shape)")
    }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor { combined(inputs[0], kind) }

  /// ∂x = ∂y, respectively ∂y ⊙ c.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [kind == .sum ? gradient : combined(gradient, .product)]
  }

  private func combined(_ x: Tensor, _ kind: Kind) -> Tensor {
    Tensor(unfilled: x.shape) { y in
      x.withScalars { x in
        values.withScalars { values in
          let columns = inner == 1 ? values.count : inner
          Tensor.forEachRow(of: x.count / columns, columns: columns) { rows in
            for row in rows {
              let (x, y) = (x.base + row * columns, y.base + row * columns)
              switch (inner, kind) {
              case (1, .sum): vitcam_add(x, values.base, y, columns)
              case (1, .product): vitcam_multiply(x, values.base, y, columns)
              case (_, .sum): vitcam_affine(x, 1, values[row % values.count], y, columns)
              case (_, .product): vitcam_affine(x, values[row % values.count], 0, y, columns)
              }
            }
          }
        }
      }
    }
  }
}

extension GraphBuilder {
  /// The sum with a constant, which has the value's axes, with its extents or 1.
  public func sum(_ name: String, _ x: Value, _ constant: Tensor) -> Value {
    append(name, ConstantOperand(.sum, constant, for: x.shape), [x])
  }

  /// The product with a constant, element by element; it has the value's axes, with its extents or 1.
  public func product(_ name: String, _ x: Value, _ constant: Tensor) -> Value {
    append(name, ConstantOperand(.product, constant, for: x.shape), [x])
  }
}
