import LayerGraph
import Tensors

extension Operators {
  /// Changes of shape, constants, and the arithmetic of shapes.
  static let shapes: [String: Importer] = [
    "Identity": same, "Dropout": same, "CastLike": same,
    "Shape": { call in
      let extents = try call.input(0).extents
      let start = bounded(call.integer("start", default: 0), extents.count)
      let end = bounded(call.integer("end", default: extents.count), extents.count)
      return [.constant(ConstantArray(Array(extents[start..<max(start, end)])))]
    },
    "Size": { call in [.constant(ConstantArray(try call.input(0).extents.reduce(1, *)))] },
    "Reshape": { call in
      guard let wanted = try call.integers("shape", orInput: 1) else { throw ShapeError("it lacks its shape") }
      let allowsZero = call.integer("allowzero", default: 0) != 0
      return [try call.reshaped(call.input(0), to: wanted, zeroIsKept: !allowsZero)]
    },
    "Flatten": { call in
      let x = try call.input(0)
      let axis = bounded(call.integer("axis", default: 1), x.extents.count)
      return [try call.reshaped(x, to: [x.extents[..<axis].reduce(1, *), x.extents[axis...].reduce(1, *)])]
    },
    "Squeeze": { call in
      let x = try call.input(0)
      let ones = x.extents.indices.filter { x.extents[$0] == 1 }
      let axes = try call.integers("axes", orInput: 1).map { try call.axes($0, rank: x.extents.count) } ?? ones
      guard axes.allSatisfy({ x.extents[$0] == 1 }) else {
        throw ShapeError("axes \(axes.prefix(8)) of \(x.extents) are not of extent 1")
      }
      return [try call.reshaped(x, to: x.extents.indices.filter { !axes.contains($0) }.map { x.extents[$0] })]
    },
    "Unsqueeze": { call in
      let x = try call.input(0)
      guard let named = try call.integers("axes", orInput: 1) else { throw ShapeError("it lacks its axes") }
      let rank = x.extents.count + named.count
      let axes = try call.axes(named, rank: rank)
      var own = x.extents[...]
      return [try call.reshaped(x, to: (0..<rank).map { axes.contains($0) ? 1 : own.popFirst() ?? 1 })]
    },
    "Cast": { call in
      // Floats stay what they are; of constants integers are cut off, and truth values are 0 and 1.
      guard case .constant(let array) = try call.input(0) else { return [try call.input(0)] }
      switch call.integer("to", default: 1) {
      case 1, 10, 11, 16: return [.constant(ConstantArray(array.tensor))]
      case 9: return [.constant(array.compared(with: 0))]
      default:
        if !array.isFloat { return [.constant(array)] }
        let limit = Float(1 << 62)
        let integers = array.tensor.scalars.map { $0.isNaN ? 0 : Int(min(max($0, -limit), limit)) }
        return [.constant(ConstantArray(integers, shape: array.extents))]
      }
    },
    "Constant": { call in
      let attributes = call.node.attributes
      if let tensor = attributes["value"]?.tensor { return [.constant(try tensor.array())] }
      if let float = attributes["value_float"]?.float { return [.constant(ConstantArray(Tensor([float], shape: [])))] }
      if let integer = attributes["value_int"]?.integer { return [.constant(ConstantArray(integer))] }
      if let floats = attributes["value_floats"]?.floats {
        return [.constant(ConstantArray(Tensor(floats, shape: [floats.count])))]
      }
      if let integers = attributes["value_ints"]?.integers { return [.constant(ConstantArray(integers))] }
      throw ShapeError("a constant of a kind that is not read")
    },
    "ConstantOfShape": { call in
      guard let extents = try call.integers(0) else { throw ShapeError("it lacks its shape") }
      let count = try Movement.count(of: extents)
      let value = try call.node.attributes["value"]?.tensor?.array() ?? ConstantArray(Tensor([0], shape: [1]))
      guard value.count == 1 else { throw ShapeError("a value of \(value.extents)") }
      return [.constant(value.reshaped(to: [1]).gathered([Int](repeating: 0, count: count), as: extents))]
    },
    "Range": { call in
      let bounds = try (0..<3).map { try call.constant($0) }
      if bounds.allSatisfy({ !$0.isFloat }) {
        let integers = bounds.map { $0.integers?.first ?? 0 }
        guard integers[2] != 0 else { throw ShapeError("steps of 0") }
        let (distance, overflow) = integers[1].subtractingReportingOverflow(integers[0])
        guard !overflow, distance / integers[2] < Movement.largestTable else { throw ShapeError("too many numbers") }
        return [.constant(ConstantArray(Array(stride(from: integers[0], to: integers[1], by: integers[2]))))]
      }
      let (start, end, step) = (bounds[0].scalar ?? 0, bounds[1].scalar ?? 0, bounds[2].scalar ?? 1)
      let count = ((end - start) / step).rounded(.up)
      guard step != 0, count.isFinite, count < Float(Movement.largestTable) else {
        throw ShapeError("too many numbers")
      }
      let numbers = (0..<max(0, Int(count))).map { start + Float($0) * step }
      return [.constant(ConstantArray(Tensor(numbers, shape: [numbers.count])))]
    },
    "CumSum": { call in
      let array = try call.constant(0)
      let axis = try call.axis(call.integers(1)?.first ?? 0, rank: array.extents.count)
      guard call.integer("exclusive", default: 0) == 0, call.integer("reverse", default: 0) == 0 else {
        throw ShapeError("only sums from the first element on are known")
      }
      let inner = array.extents[(axis + 1)...].reduce(1, *)
      var sums = array.tensor.scalars
      for index in sums.indices where index / inner % array.extents[axis] > 0 { sums[index] += sums[index - inner] }
      let result = Tensor(sums, shape: Shape(array.extents))
      return [
        .constant(array.isFloat ? ConstantArray(result) : ConstantArray(sums.map { Int($0) }, shape: array.extents))
      ]
    },
  ]

  private static let same: Importer = { call in [try call.input(0)] }

  /// An end of a range as NumPy counts it.
  private static func bounded(_ index: Int, _ count: Int) -> Int {
    min(max(index < 0 ? index + count : index, 0), count)
  }
}

extension ConstantArray {
  /// Where the elements are not a value, 1.
  fileprivate func compared(with value: Float) -> ConstantArray {
    ConstantArray(tensor.scalars.map { $0 == value ? 0 : 1 }, shape: extents)
  }
}

extension OperatorCall {
  /// The same elements under another shape: −1 is what is left, and 0 may stand for the extent as it was.
  func reshaped(_ value: ImportedValue, to wanted: [Int], zeroIsKept: Bool = true) throws -> ImportedValue {
    let count = value.extents.reduce(1, *)
    var extents = wanted
    for (axis, extent) in wanted.enumerated() where extent == 0 && zeroIsKept {
      guard axis < value.extents.count else { throw ShapeError("the shape \(wanted.prefix(8)) for \(value.extents)") }
      extents[axis] = value.extents[axis]
    }
    if let free = extents.firstIndex(of: -1) {
      let known = extents.enumerated().reduce(1) {
        $1.offset == free ? $0 : $0.multipliedReportingOverflow(by: $1.element).partialValue
      }
      guard known > 0, count % known == 0 else {
        throw ShapeError("the shape \(wanted.prefix(8)) for \(value.extents)")
      }
      extents[free] = count / known
    }
    guard let total = ONNXTensor.count(of: extents), total == count else {
      throw ShapeError("the shape \(wanted.prefix(8)) for \(value.extents)")
    }
    switch value {
    case .constant(let array): return .constant(array.reshaped(to: extents))
    case .computed(let x): return .computed(x.reshaped(extents))
    }
  }
}
