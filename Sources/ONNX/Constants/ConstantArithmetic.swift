import LayerGraph
import Tensors

extension ConstantArray {
  /// The elements put through a function, in floating point or in integers.
  func mapped(_ floats: (Float) -> Float, _ integers: (Int) -> Int) -> ConstantArray {
    switch elements {
    case .floats(let tensor): ConstantArray(Tensor(tensor.scalars.map(floats), shape: tensor.shape))
    case .integers(let values): ConstantArray(values.map(integers), shape: extents)
    }
  }

  /// Two arrays put through a function pair by pair, repeated along axes as NumPy does it; integers where both are.
  ///
  /// - Throws: ``ShapeError`` where the shapes do not agree.
  func combined(
    with other: ConstantArray, _ floats: (Float, Float) -> Float, _ integers: (Int, Int) -> Int?
  ) throws -> ConstantArray {
    let (result, left, right) = try Movement.broadcast(extents, other.extents)
    if case .integers(let a) = elements, case .integers(let b) = other.elements {
      let values = zip(left, right).map { integers(a[$0], b[$1]) }
      guard !values.contains(nil) else { throw ShapeError("integers that divide by zero or are too large") }
      return ConstantArray(values.compactMap { $0 }, shape: result)
    }
    let (a, b) = (tensor.scalars, other.tensor.scalars)
    return ConstantArray(Tensor(zip(left, right).map { floats(a[$0], b[$1]) }, shape: Shape(result)))
  }

  /// Truth values of pairs, as integers.
  func compared(
    with other: ConstantArray, _ floats: (Float, Float) -> Bool, _ integers: (Int, Int) -> Bool
  ) throws -> ConstantArray {
    let truths = try combined(with: other, { floats($0, $1) ? 1 : 0 }, { integers($0, $1) ? 1 : 0 })
    return ConstantArray(truths.tensor.scalars.map { Int($0) }, shape: truths.extents)
  }

  /// The elements along some axes put together one after the other, starting from a value.
  func reduced(
    over axes: [Int], keepingAxes: Bool, from start: Float, _ combine: (Float, Float) -> Float,
    finish: (_ value: Float, _ count: Int) -> Float = { value, _ in value }
  ) -> ConstantArray {
    let kept = extents.indices.map { axes.contains($0) ? 1 : extents[$0] }
    var sums = [Float](repeating: start, count: kept.reduce(1, *))
    let strides = Movement.strides(of: kept)
    let values = tensor.scalars
    let places = Movement.table(
      extents,
      axes: extents.indices.map { axis in (0..<extents[axis]).map { axes.contains(axis) ? 0 : $0 * strides[axis] } })
    for (value, place) in zip(values, places) { sums[place] = combine(sums[place], value) }
    let size = values.count / max(1, sums.count)
    sums = sums.map { finish($0, size) }
    let shape = keepingAxes ? kept : extents.indices.filter { !axes.contains($0) }.map { extents[$0] }
    return isFloat
      ? ConstantArray(Tensor(sums, shape: Shape(shape)))
      : ConstantArray(sums.map { Int($0) }, shape: shape)
  }
}
