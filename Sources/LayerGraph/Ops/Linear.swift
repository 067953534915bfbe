import CKernels
import Tensors

/// y = x · Wᵀ + b over the last axis.
struct Linear: Op {
  let weight: Tensor  // [outputs, inputs]
  let bias: Tensor?  // [outputs]

  private var inputFeatures: Int { weight.shape[1] }
  private var outputFeatures: Int { weight.shape[0] }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank > 0, shape[-1] == inputFeatures else {
      throw ShapeError("expected \(inputFeatures) features along the last axis, found \(shape)")
    }
    return Shape(shape.extents.dropLast() + [outputFeatures])
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    return product(
      of: x, Shape(x.shape.extents.dropLast() + [outputFeatures]), bias: bias,
      columns: outputFeatures, depth: inputFeatures
    ) { $0.transposed }
  }

  /// ∂x = ∂y · W.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [product(of: gradient, inputs[0].shape, bias: nil, columns: inputFeatures, depth: outputFeatures) { $0 }]
  }

  /// The rows of x times the weights as they are stored or transposed.
  private func product(
    of x: Tensor, _ shape: Shape, bias: Tensor?, columns: Int, depth: Int, _ read: (MatrixOperand) -> MatrixOperand
  ) -> Tensor {
    Tensor(unfilled: shape) { y in
      x.withScalars { x in
        weight.withScalars { weight in
          let matrix = read(MatrixOperand(weight.base, stride: inputFeatures))
          let product = RowProduct(weights: .matrix(matrix, columns: columns, depth: depth), bias: bias)
          product(MatrixRows(x.base, stride: depth), rows: x.count / depth, into: y.base)
        }
      }
    }
  }
}

extension GraphBuilder {
  /// A fully connected layer over the last axis: `name.weight`, and `name.bias` unless `bias` is false.
  public func linear(_ name: String, _ x: Value, outputs: Int, bias: Bool = true) -> Value {
    let op = Linear(
      weight: parameter("\(name).weight", [outputs, x.shape[-1]]),
      bias: bias ? parameter("\(name).bias", [outputs]) : nil)
    return append(name, op, [x])
  }

  /// A fully connected layer over the last axis whose bias is put together from elsewhere: `name.weight`.
  public func linear(_ name: String, _ x: Value, bias: Tensor) -> Value {
    append(name, Linear(weight: parameter("\(name).weight", [bias.count, x.shape[-1]]), bias: bias), [x])
  }
}
