import Tensors

/// A range of indices along one axis of a sample.
struct Slice: Op {
  let axis: Int
  let range: Range<Int>

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard axis < shape.rank, range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw ShapeError("no \(range) along axis \(axis) of \(shape)")
    }
    var extents = shape.extents
    extents[axis] = range.count
    return Shape(extents)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let runs = AxisRuns(x.shape, axis: axis + 1)
    var extents = x.shape.extents
    extents[axis + 1] = range.count
    return Tensor(unfilled: Shape(extents)) { y in
      x.withScalars { x in
        for outer in 0..<runs.outer {
          (y.base + outer * range.count * runs.inner).update(
            from: x.base + (outer * runs.extent + range.lowerBound) * runs.inner, count: range.count * runs.inner)
        }
      }
    }
  }

  /// ∂y in its place, zero elsewhere.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let runs = AxisRuns(inputs[0].shape, axis: axis + 1)
    let result = Tensor(unfilled: inputs[0].shape) { result in
      result.update(repeating: 0)
      gradient.withScalars { gradient in
        for outer in 0..<runs.outer {
          (result.base + (outer * runs.extent + range.lowerBound) * runs.inner).update(
            from: gradient.base + outer * range.count * runs.inner, count: range.count * runs.inner)
        }
      }
    }
    return [result]
  }
}

/// A tensor seen from one of its axes: `outer` runs of `extent` pieces of `inner` scalars.
struct AxisRuns {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ shape: Shape, axis: Int) {
    outer = shape.extents[..<axis].reduce(1, *)
    extent = shape[axis]
    inner = shape.extents[(axis + 1)...].reduce(1, *)
  }
}

extension Slice: PlacedOp {
  /// They are moved alike.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    inputs[0].mapped { tensor in
      guard tensor.shape[axis] > 1 else { return tensor }
      let sliced = forward([tensor.reshaped(to: tensor.shape.batched(1))])
      return sliced.reshaped(to: sliced.shape.perSample)
    }
  }
}

extension Value {
  /// The given indices along an axis (of one sample); the axis stays.
  public func sliced(_ range: Range<Int>, axis: Int) -> Value {
    builder.append("slice", Slice(axis: axis, range: range), [self])
  }

  /// One index along the first axis (of one sample); the axis goes.
  public func selected(_ index: Int) -> Value {
    sliced(index..<index + 1, axis: 0).reshaped(to: Shape(Array(shape.extents.dropFirst())))
  }
}
