import LayerGraph
import Tensors

extension Operators {
  /// What moves, repeats, joins and cuts along axes.
  static let movements: [String: Importer] = [
    "Transpose": { call in
      let extents = try call.input(0).extents
      let axes = try call.axes(call.list("perm") ?? Array(extents.indices.reversed()), rank: extents.count)
      guard axes.count == extents.count else { throw ShapeError("the order \(axes.prefix(8)) for \(extents)") }
      switch try call.input(0) {
      case .computed(let x): return [.computed(x.permuted(axes))]
      case .constant(let array):
        if case .floats(let tensor) = array.elements { return [.constant(ConstantArray(tensor.permuted(axes)))] }
        let (result, table) = Movement.permuting(extents, axes)
        return [.constant(array.gathered(table, as: result))]
      }
    },
    "Concat": concatenation,
    "Slice": slice,
    "Split": split,
    "Expand": { call in
      let x = try call.input(0)
      guard let wanted = try call.integers(1) else { throw ShapeError("it lacks its shape") }
      let extents = try Movement.common(x.extents, wanted)
      if extents == x.extents { return [x] }
      if case .computed(let value) = x { return [.computed(try value.expanded(to: extents))] }
      return [call.moved(x, try Movement.expanding(x.extents, to: extents), to: extents)]
    },
    "Tile": { call in
      let x = try call.input(0)
      guard let repeats = try call.integers(1), repeats.count == x.extents.count,
        repeats.allSatisfy({ (0...1 << 20).contains($0) })
      else { throw ShapeError("repeats that do not fit \(x.extents)") }
      let picked = zip(x.extents, repeats).map { extent, count in (0..<count).flatMap { _ in 0..<extent } }
      let (extents, table) = try Movement.picking(picked, from: x.extents)
      return [call.moved(x, table, to: extents)]
    },
    "Trilu": { call in
      let array = try call.constant(0)
      let extents = array.extents
      guard extents.count >= 2 else { throw ShapeError("no matrices: \(extents)") }
      let diagonal = try call.integers(1)?.first ?? 0
      let isUpper = call.integer("upper", default: 1) != 0
      let (rows, columns) = (extents[extents.count - 2], extents[extents.count - 1])
      let table = (0..<array.count).map { place in
        let (row, column) = (place / columns % rows, place % columns)
        return (isUpper ? column - row >= diagonal : column - row <= diagonal) ? place : -1
      }
      return [.constant(array.gathered(table, as: extents))]
    },
  ]

  private static let concatenation: Importer = { call in
    let all = try call.inputs.indices.map { try call.input($0) }
    guard let first = all.first else { throw ShapeError("nothing to join") }
    let axis = try call.axis(call.integer("axis", default: 0), rank: first.extents.count)
    let parts = all.filter { $0.extents.reduce(1, *) > 0 }
    guard !parts.isEmpty else { return [first] }
    func others(_ value: ImportedValue) -> [Int] {
      value.extents.enumerated().map { $0.offset == axis ? 0 : $0.element }
    }
    guard parts.allSatisfy({ others($0) == others(parts[0]) }) else {
      throw ShapeError("\(parts.prefix(4).map(\.extents)) cannot be joined along axis \(axis)")
    }
    var extents = parts[0].extents
    extents[axis] = parts.reduce(0) { $0 + $1.extents[axis] }
    if call.isConstant { return [.constant(try call.joined(parts, axis: axis, extents))] }
    // Without the first axis, unless the parts are joined along it.
    let missing = axis > 0 && extents[0] == 1 ? 1 : 0
    let values = parts.map { part in
      let value: ComputedValue
      switch part {
      case .computed(let computed): value = computed
      case .constant(let array): value = call.node(of: array)
      }
      return value.finished.reshaped(toExtents: Array(value.extents.dropFirst(missing)))
    }
    return call.result(call.builder.concatenate(call.name, values, axis: axis - missing), extents)
  }

  private static let slice: Importer = { call in
    let x = try call.input(0)
    guard let starts = try call.integers("starts", orInput: 1), let ends = try call.integers("ends", orInput: 2),
      starts.count == ends.count
    else { throw ShapeError("it lacks its starts or ends") }
    let named = try call.integers("axes", orInput: 3) ?? Array(starts.indices)
    let steps = try call.integers(4) ?? [Int](repeating: 1, count: starts.count)
    let axes = try call.axes(named, rank: x.extents.count)
    guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
      throw ShapeError("axes or steps that do not fit its starts")
    }
    var picked = x.extents.map { Array(0..<$0) }
    for (number, axis) in axes.enumerated() {
      picked[axis] = indices(from: starts[number], to: ends[number], by: steps[number], of: x.extents[axis])
    }
    let result = picked.map(\.count)
    if result == x.extents, steps.allSatisfy({ $0 > 0 }) { return [x] }
    let changed = x.extents.indices.filter { result[$0] != x.extents[$0] }
    if case .computed(let value) = x, changed.count == 1, zip(axes, steps).allSatisfy({ $0 != changed[0] || $1 == 1 }),
      steps.allSatisfy({ $0 > 0 }), let start = picked[changed[0]].first, changed[0] >= value.missingAxes
    {
      let range = start..<start + picked[changed[0]].count
      let sliced = value.value.sliced(range, axis: changed[0] - value.missingAxes)
      // A sliced first axis of one index is one that the sample lacks.
      return [.computed(ComputedValue(sliced, extents: result, factor: value.factor))]
    }
    let (extents, table) = try Movement.picking(picked, from: x.extents)
    return [call.moved(x, table, to: extents)]
  }

  /// The indices of a slice as NumPy takes them.
  private static func indices(from start: Int, to end: Int, by step: Int, of extent: Int) -> [Int] {
    func bounded(_ index: Int, _ bounds: ClosedRange<Int>) -> Int {
      let counted = index < 0 ? index.addingReportingOverflow(extent).partialValue : index
      return min(max(counted, bounds.lowerBound), bounds.upperBound)
    }
    guard extent > 0 else { return [] }
    if step > 0 {
      return Array(stride(from: bounded(start, 0...extent), to: bounded(end, 0...extent), by: step))
    }
    return Array(
      stride(
        from: bounded(start, 0...extent - 1), to: end < -extent ? -1 : bounded(end, -1...extent - 1),
        by: max(step, -extent)))
  }

  private static let split: Importer = { call in
    let x = try call.input(0)
    let axis = try call.axis(call.integer("axis", default: 0), rank: x.extents.count)
    let count = call.integer("num_outputs") ?? call.node.outputs.count
    guard count > 0 else { throw ShapeError("it gives nothing") }
    let size = (x.extents[axis] + count - 1) / count
    let sizes =
      try call.integers("split", orInput: 1)
      ?? (0..<count).map { min(size, max(0, x.extents[axis] - $0 * size)) }
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= x.extents[axis] }), sizes.reduce(0, +) == x.extents[axis] else {
      throw ShapeError("parts of \(sizes.prefix(8)) for \(x.extents[axis])")
    }
    var start = 0
    return try sizes.map { size in
      defer { start += size }
      var extents = x.extents
      extents[axis] = size
      if case .computed(let value) = x, axis >= value.missingAxes, size > 0 {
        let part = value.value.sliced(start..<start + size, axis: axis - value.missingAxes)
        return .computed(ComputedValue(part, extents: extents, factor: value.factor))
      }
      var picked = x.extents.map { Array(0..<$0) }
      picked[axis] = Array(start..<start + size)
      let (_, table) = try Movement.picking(picked, from: x.extents)
      return call.moved(x, table, to: extents)
    }
  }
}

extension OperatorCall {
  /// Constants one after the other along an axis.
  func joined(_ parts: [ImportedValue], axis: Int, _ extents: [Int]) throws -> ConstantArray {
    let arrays = parts.compactMap { part -> ConstantArray? in if case .constant(let array) = part { array } else { nil }
    }
    let total = try Movement.count(of: extents)
    let inner = extents[(axis + 1)...].reduce(1, *)
    let outer = extents[..<axis].reduce(1, *)
    func joined<Element>(_ lists: [[Element]]) -> [Element] {
      var result = [Element]()
      result.reserveCapacity(total)
      for index in 0..<outer {
        for (list, array) in zip(lists, arrays) {
          let size = array.extents[axis] * inner
          result += list[index * size..<(index + 1) * size]
        }
      }
      return result
    }
    if arrays.allSatisfy({ !$0.isFloat }) {
      return ConstantArray(joined(arrays.map { $0.integers ?? [] }), shape: extents)
    }
    return ConstantArray(Tensor(joined(arrays.map(\.tensor.scalars)), shape: Shape(extents)))
  }
}
