import LayerGraph
import Tensors

extension Operators {
  static let reductions: [String: Importer] = [
    "ReduceMean": reduction({ try $0.mean($1, $2) }, from: 0, +) { $0 / Float(max(1, $1)) },
    "ReduceSum": reduction({ try $0.sum($1, $2) }, from: 0, +),
    "ReduceMax": reduction({ $0.largest($1, $2) }, from: -.infinity, max),
    "ReduceMin": reduction(
      { call, x, axes in
        var x = x
        x.factor *= -1
        var y = call.largest(ComputedValue(x.finished, extents: x.extents), axes)
        y.factor *= -1
        return y
      }, from: .infinity, min),
    "ReduceProd": reduction(
      { _, _, _ in throw ShapeError("products of what depends on the picture are not known") }, from: 1, *),
    "ReduceL2": reduction(
      { call, x, axes in
        let value = x.finished
        let squares = ComputedValue(call.builder.product("square", value, value), extents: x.extents)
        let sum = try call.sum(squares, axes)
        return ComputedValue(call.builder.map(call.name, sum.finished, .power(0.5)), extents: sum.extents)
      }, from: 0, { $0 + $1 * $1 }
    ) { value, _ in value.squareRoot() },
    "ReduceSumSquare": reduction(
      { call, x, axes in
        let value = x.finished
        return try call.sum(ComputedValue(call.builder.product("square", value, value), extents: x.extents), axes)
      }, from: 0
    ) { $0 + $1 * $1 },
  ]

  /// Something over some axes, or all; `computed` leaves them with extent 1.
  private static func reduction(
    _ computed: @escaping @Sendable (OperatorCall, ComputedValue, [Int]) throws -> ComputedValue, from start: Float,
    _ combine: @escaping @Sendable (Float, Float) -> Float,
    finish: @escaping @Sendable (Float, Int) -> Float = { value, _ in value }
  ) -> Importer {
    { call in
      let extents = try call.input(0).extents
      let named = try call.integers("axes", orInput: 1)
      if named?.isEmpty ?? true, call.integer("noop_with_empty_axes", default: 0) != 0 { return [try call.input(0)] }
      let axes = try call.axes(named.flatMap { $0.isEmpty ? nil : $0 } ?? Array(extents.indices), rank: extents.count)
      let keeps = call.integer("keepdims", default: 1) != 0
      switch try call.input(0) {
      case .constant(let array):
        return [.constant(array.reduced(over: axes, keepingAxes: keeps, from: start, combine, finish: finish))]
      case .computed(let x):
        let y = try computed(call, x, axes.sorted())
        let result = keeps ? y.extents : extents.indices.filter { !axes.contains($0) }.map { extents[$0] }
        return [.computed(y.reshaped(result))]
      }
    }
  }
}

extension OperatorCall {
  /// The mean over some axes, which keep extent 1.
  fileprivate func mean(_ x: ComputedValue, _ axes: [Int]) throws -> ComputedValue {
    let result = x.extents.indices.map { axes.contains($0) ? 1 : x.extents[$0] }
    // The mean over the places of a map is a pooling, which plans and methods know.
    if x.extents.count == 4, x.extents[0] == 1, axes == [2, 3] {
      return ComputedValue(builder.globalAveragePool(name, x.value), extents: result, factor: x.factor)
    }
    let value = sampleAxes(axes, of: x).reversed().reduce(x.value) { $0.mean(axis: $1) }
    return ComputedValue(value, extents: result, factor: x.factor)
  }

  fileprivate func sum(_ x: ComputedValue, _ axes: [Int]) throws -> ComputedValue {
    var y = try mean(x, axes)
    y.factor *= Float(axes.reduce(1) { $0 * x.extents[$1] })
    return y
  }

  fileprivate func largest(_ x: ComputedValue, _ axes: [Int]) -> ComputedValue {
    let value = sampleAxes(axes, of: x).reversed().reduce(x.finished) { $0.largest(axis: $1) }
    return ComputedValue(value, extents: x.extents.indices.map { axes.contains($0) ? 1 : x.extents[$0] })
  }

  /// Axes as the sample counts them; one that it lacks is left out.
  private func sampleAxes(_ axes: [Int], of x: ComputedValue) -> [Int] {
    axes.map { $0 - x.missingAxes }.filter { $0 >= 0 }
  }
}
