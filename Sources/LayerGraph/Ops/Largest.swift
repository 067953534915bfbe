import Tensors

/// The largest value along one axis of a sample; the axis goes.
struct Largest: Op {
  let axis: Int

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard axis < shape.rank, shape[axis] > 0 else {
      throw ShapeError("no largest value along axis \(axis) of \(shape)")
    }
    return shape.removing(axis: axis)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let runs = AxisRuns(x.shape, axis: axis + 1)
    return Tensor(unfilled: x.shape.removing(axis: axis + 1)) { y in
      x.withScalars { x in
        for index in y.indices { y[index] = x[place(of: index, runs, in: x)] }
      }
    }
  }

  /// ∂y goes to the first of the largest values.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let x = inputs[0]
    let runs = AxisRuns(x.shape, axis: axis + 1)
    let result = Tensor(unfilled: x.shape) { result in
      result.update(repeating: 0)
      x.withScalars { x in
        gradient.withScalars { gradient in
          for index in gradient.indices { result[place(of: index, runs, in: x)] = gradient[index] }
        }
      }
    }
    return [result]
  }

  /// Where the first of the largest values lies that an index of the result stands for.
  private func place(of index: Int, _ runs: AxisRuns, in x: UnsafeBufferPointer<Float>) -> Int {
    let first = index / runs.inner * runs.extent * runs.inner + index % runs.inner
    var largest = first
    for step in 1..<max(1, runs.extent) where x[first + step * runs.inner] > x[largest] {
      largest = first + step * runs.inner
    }
    return largest
  }
}

extension Largest: PlacedOp {
  /// The largest of channels lies where they lie, that of places nowhere.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    inputs[0].dropping(axis: axis) ?? .none(rank: shapes[0].rank - 1)
  }
}

extension Value {
  /// The largest value along an axis (of one sample); the axis goes.
  public func largest(axis: Int) -> Value {
    builder.append("max", Largest(axis: axis), [self])
  }
}
