import CKernels
import Tensors

/// The mean over one axis of a sample; the axis goes.
struct Mean: Op {
  let axis: Int

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard axis < shape.rank, shape[axis] > 0 else { throw ShapeError("no mean over axis \(axis) of \(shape)") }
    return shape.removing(axis: axis)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let runs = AxisRuns(x.shape, axis: axis + 1)
    return Tensor(unfilled: x.shape.removing(axis: axis + 1)) { y in
      y.update(repeating: 0)
      x.withScalars { x in
        for outer in 0..<runs.outer {
          let sum = y.base + outer * runs.inner
          for index in 0..<runs.extent {
            vitcam_add(sum, x.base + (outer * runs.extent + index) * runs.inner, sum, runs.inner)
          }
          vitcam_affine(sum, 1 / Float(runs.extent), 0, sum, runs.inner)
        }
      }
    }
  }

  /// ∂y, shared out evenly.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let runs = AxisRuns(inputs[0].shape, axis: axis + 1)
    let result = Tensor(unfilled: inputs[0].shape) { result in
      gradient.withScalars { gradient in
        for outer in 0..<runs.outer {
          for index in 0..<runs.extent {
            vitcam_affine(
              gradient.base + outer * runs.inner, 1 / Float(runs.extent), 0,
              result.base + (outer * runs.extent + index) * runs.inner, runs.inner)
          }
        }
      }
    }
    return [result]
  }
}

extension Mean: PlacedOp {
  /// A mean over channels lies where they lie, one over places nowhere.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    inputs[0].dropping(axis: axis) ?? .none(rank: shapes[0].rank - 1)
  }
}

extension Value {
  /// The mean over an axis (of one sample); the axis goes.
  public func mean(axis: Int) -> Value {
    builder.append("mean", Mean(axis: axis), [self])
  }
}
