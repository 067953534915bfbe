import LayerGraph
import Tensors

extension Operators {
  /// What only moves or repeats elements.
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
    "Gather": gather,
    "GatherND": gatherND,
    "GatherElements": { call in
      let x = try call.input(0)
      let axis = try call.axis(call.integer("axis", default: 0), rank: x.extents.count)
      let indices = try call.constant(1)
      guard let numbers = indices.integers, indices.extents.count == x.extents.count else {
        throw ShapeError("indices of \(indices.extents) for \(x.extents)")
      }
      let strides = Movement.strides(of: x.extents)
      let own = Movement.strides(of: indices.extents)
      let table = try numbers.enumerated().map { place, number in
        try x.extents.indices.reduce(0) { sum, current in
          let index =
            current == axis
            ? try call.axis(number, rank: x.extents[axis]) : place / own[current] % indices.extents[current]
          return sum + index * strides[current]
        }
      }
      return [call.moved(x, table, to: indices.extents)]
    },
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
    "Pad": pad,
    "Col2Im": foldedColumns,
    "DepthToSpace": depthToSpace,
    "SpaceToDepth": spaceToDepth,
    "ScatterND": scatterND,
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
    let values = parts.map { part -> Value in
      switch part {
      case .computed(let value): return value.finished.reshaped(toExtents: value.extents)
      case .constant(let array): return call.node(of: array).full
      }
    }
    // Without the first axis, unless the parts are joined along it.
    let missing = axis > 0 && extents[0] == 1 ? 1 : 0
    let joined = call.builder.concatenate(
      call.name, values.map { $0.reshaped(toExtents: Array($0.shape.extents.dropFirst(missing))) }, axis: axis - missing
    )
    return call.result(joined, extents)
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

  private static let gather: Importer = { call in
    let x = try call.input(0)
    let axis = try call.axis(call.integer("axis", default: 0), rank: x.extents.count)
    let indices = try call.constant(1)
    guard let numbers = try indices.integers?.map({ try call.axis($0, rank: x.extents[axis]) }) else {
      throw ShapeError("indices that are no integers")
    }
    let result = Array(x.extents[..<axis]) + indices.extents + x.extents[(axis + 1)...]
    if case .computed(let value) = x, numbers.count == 1, axis >= value.missingAxes {
      let sliced = value.value.sliced(numbers[0]..<numbers[0] + 1, axis: axis - value.missingAxes)
      return call.result(sliced.reshapedToSample(of: result), result, factor: value.factor)
    }
    var picked = x.extents.map { Array(0..<$0) }
    picked[axis] = numbers
    let (_, table) = try Movement.picking(picked, from: x.extents)
    return [call.moved(x, table, to: result)]
  }

  private static let gatherND: Importer = { call in
    let x = try call.input(0)
    let indices = try call.constant(1)
    guard call.integer("batch_dims", default: 0) == 0, let depth = indices.extents.last, depth <= x.extents.count,
      depth > 0, let numbers = indices.integers
    else { throw ShapeError("indices of \(indices.extents) for \(x.extents)") }
    let strides = Movement.strides(of: x.extents)
    let run = x.extents[depth...].reduce(1, *)
    let result = indices.extents.dropLast() + x.extents[depth...]
    _ = try Movement.count(of: Array(result))
    let table = try stride(from: 0, to: numbers.count, by: depth).flatMap { first in
      let start = try (0..<depth).reduce(0) { sum, axis in
        sum + (try call.axis(numbers[first + axis], rank: x.extents[axis])) * strides[axis]
      }
      return start..<start + run
    }
    return [call.moved(x, table, to: Array(result))]
  }

  private static let pad: Importer = { call in
    let x = try call.input(0)
    let rank = x.extents.count
    guard let pads = try call.integers("pads", orInput: 1) else { throw ShapeError("it lacks its pads") }
    let constant = try call.optionalConstant(2)?.scalar ?? call.float("value", default: 0)
    let axes = try call.axes(call.integers(3) ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count, pads.allSatisfy({ abs($0) <= 1 << 20 }) else {
      throw ShapeError("pads of \(pads.prefix(8)) for \(x.extents)")
    }
    let mode = call.text("mode") ?? "constant"
    var picked = x.extents.map { Array(0..<$0) }
    for (number, axis) in axes.enumerated() {
      let extent = x.extents[axis]
      let range = -pads[number]..<max(-pads[number], extent + pads[axes.count + number])
      picked[axis] = try range.map { index in
        if (0..<extent).contains(index) { return index }
        switch mode {
        case "constant": return -1
        case "edge": return min(max(index, 0), extent - 1)
        case "wrap": return (index % extent + extent) % extent
        case "reflect":
          let mirrored = index < 0 ? -index : 2 * (extent - 1) - index
          guard (0..<extent).contains(mirrored) else { throw ShapeError("pads that are larger than \(x.extents)") }
          return mirrored
        default: throw ShapeError("the mode \(mode.quoted) is not known")
        }
      }
    }
    if picked.map(\.count) == x.extents, pads.allSatisfy({ $0 == 0 }) { return [x] }
    let (extents, table) = try Movement.picking(picked, from: x.extents)
    return [call.moved(x, table, to: extents, constant: constant)]
  }

  /// The columns of a sliding window added back to the places they were taken from: a gather for each tap of the kernel.
  private static let foldedColumns: Importer = { call in
    let x = try call.input(0)
    guard x.extents.count == 3, let size = try call.integers(1), let kernel = try call.integers(2), size.count == 2,
      kernel.count == 2, size.allSatisfy({ (1...1 << 14).contains($0) })
    else { throw ShapeError("columns of \(x.extents), and only maps are known") }
    let window = try call.window(kernel: kernel, over: Shape([1] + size))
    let taps = kernel[0] * kernel[1]
    let places = try window.output(height: size[0], width: size[1])
    let (columns, count) = (x.extents[2], x.extents[0] * x.extents[1] / taps)
    guard taps > 0, taps <= 1 << 10, x.extents[1] % taps == 0, columns == places.height * places.width else {
      throw ShapeError("\(x.extents) are no columns of a map of \(size)")
    }
    let result = [x.extents[0], x.extents[1] / taps] + size
    _ = try Movement.count(of: result)
    let parts = (0..<taps).map { tap -> ImportedValue in
      var table = [Int](repeating: -1, count: count * size[0] * size[1])
      for row in 0..<places.height {
        let y = row * window.stride.height - window.padding.height + tap / kernel[1] * window.dilation.height
        for column in 0..<places.width where (0..<size[0]).contains(y) {
          let left = column * window.stride.width - window.padding.width + tap % kernel[1] * window.dilation.width
          guard (0..<size[1]).contains(left) else { continue }
          for channel in 0..<count {
            table[(channel * size[0] + y) * size[1] + left] =
              (channel * taps + tap) * columns + row * places.width + column
          }
        }
      }
      return call.moved(x, table, to: result)
    }
    return [try parts.dropFirst().reduce(parts[0]) { try call.sum($0, $1) }]
  }

  /// Blocks of channels become squares of places.
  private static let depthToSpace: Importer = { call in
    let x = try call.input(0)
    let side = call.integer("blocksize", default: 0)
    guard x.extents.count == 4, (1...1 << 10).contains(side), x.extents[1] % (side * side) == 0 else {
      throw ShapeError("blocks of \(side) for \(x.extents)")
    }
    let (n, c, h, w) = (x.extents[0], x.extents[1] / (side * side), x.extents[2], x.extents[3])
    let rowsFirst = call.text("mode") ?? "DCR" == "DCR"
    let (split, order) =
      rowsFirst ? ([n, side, side, c, h, w], [0, 3, 4, 1, 5, 2]) : ([n, c, side, side, h, w], [0, 1, 4, 2, 5, 3])
    let (_, table) = Movement.permuting(split, order)
    return [call.moved(x, table, to: [n, c, h * side, w * side])]
  }

  /// Squares of places become blocks of channels.
  private static let spaceToDepth: Importer = { call in
    let x = try call.input(0)
    let side = call.integer("blocksize", default: 0)
    guard x.extents.count == 4, (1...1 << 10).contains(side), x.extents[2] % side == 0, x.extents[3] % side == 0 else {
      throw ShapeError("blocks of \(side) for \(x.extents)")
    }
    let (n, c, h, w) = (x.extents[0], x.extents[1], x.extents[2] / side, x.extents[3] / side)
    let (_, table) = Movement.permuting([n, c, h, side, w, side], [0, 3, 5, 1, 2, 4])
    return [call.moved(x, table, to: [n, c * side * side, h, w])]
  }

  /// Some places replaced by updates: gathered from both, one after the other.
  private static let scatterND: Importer = { call in
    let (x, updates) = (try call.input(0), try call.input(2))
    let indices = try call.constant(1)
    guard call.text("reduction") ?? "none" == "none", let depth = indices.extents.last, depth <= x.extents.count,
      depth > 0, let numbers = indices.integers
    else { throw ShapeError("indices of \(indices.extents) for \(x.extents)") }
    let strides = Movement.strides(of: x.extents)
    let run = x.extents[depth...].reduce(1, *)
    let count = try Movement.count(of: x.extents)
    guard numbers.count / depth * run == updates.extents.reduce(1, *) else {
      throw ShapeError("updates of \(updates.extents) for indices of \(indices.extents)")
    }
    var table = Array(0..<count)
    for (number, first) in stride(from: 0, to: numbers.count, by: depth).enumerated() {
      let start = try (0..<depth).reduce(0) { sum, axis in
        sum + (try call.axis(numbers[first + axis], rank: x.extents[axis])) * strides[axis]
      }
      for offset in 0..<run { table[start + offset] = count + number * run + offset }
    }
    let both = try call.joined([x, updates])
    return [call.moved(both, table, to: x.extents)]
  }
}

extension OperatorCall {
  /// Constants one after the other along an axis.
  fileprivate func joined(_ parts: [ImportedValue], axis: Int, _ extents: [Int]) throws -> ConstantArray {
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

  /// Values one after the other as one list.
  fileprivate func joined(_ parts: [ImportedValue]) throws -> ImportedValue {
    let lists = parts.map { part -> ImportedValue in
      let count = part.extents.reduce(1, *)
      switch part {
      case .constant(let array): return .constant(array.reshaped(to: [count]))
      case .computed(let value): return .computed(value.reshaped([count]))
      }
    }
    let extents = [lists.reduce(0) { $0 + $1.extents[0] }]
    if lists.allSatisfy({ if case .constant = $0 { true } else { false } }) {
      return .constant(try joined(lists, axis: 0, extents))
    }
    let values = lists.map { list -> Value in
      switch list {
      case .computed(let value): value.finished
      case .constant(let array): node(of: array).value
      }
    }
    return .computed(ComputedValue(builder.concatenate("joined", values, axis: 0), extents: extents))
  }
}
