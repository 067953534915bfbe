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
    let rows = x.count / inputFeatures
    return Tensor(unfilled: Shape(x.shape.extents.dropLast() + [outputFeatures])) { y in
      x.withScalars { x in
        weight.withScalars { weight in
          MatrixMultiplication.multiplyInParallel(
            MatrixOperand(x.base, stride: inputFeatures),
            MatrixOperand(weight.base, stride: inputFeatures).transposed,
            into: y.base, outStride: outputFeatures, rows: rows, columns: outputFeatures, depth: inputFeatures
          ) { tile in addBias(to: y.base, tile) }
        }
      }
    }
  }

  private func addBias(to y: UnsafeMutablePointer<Float>, _ tile: MatrixTile) {
    bias?.withScalars { bias in
      vitcam_add_to_rows(
        y + tile.rows.lowerBound * outputFeatures + tile.columns.lowerBound, bias.base + tile.columns.lowerBound,
        tile.rows.count, tile.columns.count, outputFeatures)
    }
  }

  /// ∂x = ∂y · W.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let rows = gradient.count / outputFeatures
    return [
      Tensor(unfilled: inputs[0].shape) { result in
        gradient.withScalars { gradient in
          weight.withScalars { weight in
            MatrixMultiplication.multiplyInParallel(
              MatrixOperand(gradient.base, stride: outputFeatures), MatrixOperand(weight.base, stride: inputFeatures),
              into: result.base, outStride: inputFeatures, rows: rows, columns: inputFeatures, depth: outputFeatures)
          }
        }
      }
    ]
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
