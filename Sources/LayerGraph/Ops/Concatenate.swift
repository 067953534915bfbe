import Tensors

/// The inputs one after the other along one axis of a sample.
struct Concatenate: Op {
  let axis: Int

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    guard let first = inputs.first, axis < first.rank else { throw ShapeError("nothing to join along axis \(axis)") }
    func others(_ shape: Shape) -> [Int] { Array(shape.extents[..<axis] + shape.extents[(axis + 1)...]) }
    guard inputs.allSatisfy({ $0.rank == first.rank && others($0) == others(first) }) else {
      throw ShapeError("expected shapes that differ along axis \(axis) only, found \(inputs)")
    }
    var extents = first.extents
    extents[axis] = inputs.reduce(0) { $0 + $1[axis] }
    return Shape(extents)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    var extents = inputs[0].shape.extents
    extents[axis + 1] = inputs.reduce(0) { $0 + $1.shape[axis + 1] }
    let shape = Shape(extents)
    let joined = AxisRuns(shape, axis: axis + 1)
    return Tensor(unfilled: shape) { y in
      var start = 0
      for input in inputs {
        let runs = AxisRuns(input.shape, axis: axis + 1)
        input.withScalars { x in
          for outer in 0..<runs.outer {
            (y.base + (outer * joined.extent + start) * runs.inner).update(
              from: x.base + outer * runs.extent * runs.inner, count: runs.extent * runs.inner)
          }
        }
        start += runs.extent
      }
    }
  }

  /// Each input's part of ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    var start = 0
    return inputs.map { input in
      let extent = input.shape[axis + 1]
      defer { start += extent }
      return Slice(axis: axis, range: start..<start + extent).forward([gradient])
    }
  }
}

extension Concatenate: PlacedOp {
  /// Those of the inputs, joined alike. Where channels are joined, those without places lie where others do.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    var inputs = inputs
    let placed = inputs.filter { !$0.isSingle }
    if let first = placed.first, placed.allSatisfy({ $0.isConstant(along: axis) }) {
      if placed.allSatisfy({ $0.rows.scalars == first.rows.scalars && $0.columns.scalars == first.columns.scalars }) {
        return first
      }
      inputs = inputs.map { $0.isSingle ? first : $0 }
    }
    let expanded = zip(inputs, shapes).map { $0.expanded(to: $1) }
    func joined(_ tensors: [Tensor]) -> Tensor {
      let result = forward(tensors.map { $0.reshaped(to: $0.shape.batched(1)) })
      return result.reshaped(to: result.shape.perSample)
    }
    return Places(rows: joined(expanded.map(\.rows)), columns: joined(expanded.map(\.columns)))
  }
}

extension GraphBuilder {
  /// The values one after the other along an axis (of one sample).
  public func concatenate(_ name: String, _ values: [Value], axis: Int) -> Value {
    append(name, Concatenate(axis: axis), values)
  }
}
