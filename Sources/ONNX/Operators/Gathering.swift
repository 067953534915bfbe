import LayerGraph
import Tensors

extension Operators {
  /// What picks and replaces elements by tables of indices.
  static let gathering: [String: Importer] = [
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
    "ScatterND": scatterND,
  ]

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
