import Foundation
import LayerGraph
import Tensors

extension Operators {
  static let arithmetic: [String: Importer] = [
    "Add": { call in [try call.sum(call.input(0), call.input(1))] },
    "Sum": { call in
      [try call.inputs.indices.dropFirst().reduce(call.input(0)) { try call.sum($0, call.input($1)) }]
    },
    "Sub": { call in
      if call.isConstant { return try call.folded(-) { $0.subtractingReportingOverflow($1) } }
      return [try call.sum(call.input(0), call.scaled(call.input(1), by: -1))]
    },
    "Mul": { call in [try call.product(of: call.input(0), call.input(1))] },
    "Div": { call in
      if call.isConstant { return try call.folded(/) { $0.dividedReportingOverflow(by: $1) } }
      switch try call.input(1) {
      case .constant(let divisor):
        return [try call.product(of: call.input(0), .constant(ConstantArray(divisor.tensor.inverse)))]
      case .computed(let divisor):
        let inverse = call.builder.map("reciprocal", divisor.finished, .power(-1))
        return [try call.product(of: call.input(0), call.result(inverse, divisor.extents)[0])]
      }
    },
    "Neg": { call in [try call.scaled(call.input(0), by: -1)] },
    "Pow": { call in
      if call.isConstant {
        return try call.folded(powf) { base, exponent in
          let power = Int(exactly: pow(Double(base), Double(exponent)).rounded())
          return (power ?? 0, power == nil)
        }
      }
      guard let exponent = try call.constant(1).scalar else {
        throw ShapeError("an exponent for each element is not known")
      }
      return try call.mapped { $0.map($1, $2, .power(exponent)) }
    },
    "Mod": { call in
      try call.folded({ $0 - $1 * ($0 / $1).rounded(.down) }) { value, divisor in
        let (rest, overflow) = value.remainderReportingOverflow(dividingBy: divisor)
        return (rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest, overflow)
      }
    },
    "Max": { call in [try call.extreme(sign: 1)] },
    "Min": { call in [try call.extreme(sign: -1)] },
    "Ceil": rounding { $0.rounded(.up) }, "Floor": rounding { $0.rounded(.down) },
    "Round": rounding { $0.rounded(.toNearestOrEven) }, "Sign": rounding { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
  ]

  /// A function whose derivative is zero nearly everywhere: of constants only.
  private static func rounding(_ function: @escaping @Sendable (Float) -> Float) -> Importer {
    { call in [.constant(try call.constant(0).mapped(function) { Int(function(Float($0))) })] }
  }
}

extension OperatorCall {
  /// Both inputs, constants, put through a function.
  func folded(
    _ floats: (Float, Float) -> Float, _ integers: (Int, Int) -> (Int, overflow: Bool)
  ) throws -> [ImportedValue] {
    let result = try constant(0).combined(with: constant(1), floats) { a, b in
      let (value, overflow) = integers(a, b)
      return overflow ? nil : value
    }
    return [.constant(result)]
  }

  /// The sum, repeated along axes as NumPy does it.
  ///
  /// - Parameter name: the op's name; the call's own where left out.
  func sum(_ left: ImportedValue, _ right: ImportedValue, named name: String? = nil) throws -> ImportedValue {
    let name = name ?? self.name
    switch (left, right) {
    case (.constant(let a), .constant(let b)):
      return .constant(
        try a.combined(with: b, +) { a, b in
          let (sum, overflow) = a.addingReportingOverflow(b)
          return overflow ? nil : sum
        })
    case (.computed(let x), .constant(let c)), (.constant(let c), .computed(let x)):
      let (value, constant, extents) = try aligned(x, c)
      return .computed(ComputedValue(builder.sum(name, value.finished, constant), extents: extents))
    case (.computed(let a), .computed(let b)):
      let extents = try Movement.common(a.extents, b.extents)
      let (x, y) = (try a.expanded(to: extents), try b.expanded(to: extents))
      return .computed(ComputedValue(builder.sum(name, x.finished, y.finished), extents: extents))
    }
  }

  /// The product, element by element, repeated along axes as NumPy does it.
  ///
  /// - Parameter name: the op's name; the call's own where left out.
  func product(
    of left: ImportedValue, _ right: ImportedValue, named name: String? = nil
  ) throws -> ImportedValue {
    let name = name ?? self.name
    switch (left, right) {
    case (.constant(let a), .constant(let b)):
      return .constant(
        try a.combined(with: b, *) { a, b in
          let (product, overflow) = a.multipliedReportingOverflow(by: b)
          return overflow ? nil : product
        })
    case (.computed(let x), .constant(let c)), (.constant(let c), .computed(let x)):
      if let factor = c.scalar, c.extents.count <= x.extents.count { return try scaled(.computed(x), by: factor) }
      let (value, constant, extents) = try aligned(x, c)
      return .computed(
        ComputedValue(builder.product(name, value.value, constant), extents: extents, factor: value.factor))
    case (.computed(let a), .computed(let b)):
      let extents = try Movement.common(a.extents, b.extents)
      let factor = a.factor * b.factor
      // The larger one comes first; a gate of whole maps is not repeated.
      let (x, y) = a.extents == extents ? (a, b) : (b, a)
      let first = try x.expanded(to: extents)
      if let gate = y.gate(of: extents) {
        return .computed(ComputedValue(builder.product(name, first.value, gate), extents: extents, factor: factor))
      }
      let second = try y.expanded(to: extents)
      return .computed(
        ComputedValue(builder.product(name, first.value, second.value), extents: extents, factor: factor))
    }
  }

  /// A value times a number; what is computed is multiplied later.
  func scaled(_ value: ImportedValue, by factor: Float) throws -> ImportedValue {
    switch value {
    case .constant(let array):
      guard array.isFloat || factor != -1 else { return .constant(array.mapped(-) { 0 &- $0 }) }
      return .constant(ConstantArray(array.tensor * factor))
    case .computed(var x):
      x.factor *= factor
      return .computed(x)
    }
  }

  /// The larger or smaller one of each pair: a + max(b − a, 0), respectively a − max(a − b, 0).
  fileprivate func extreme(sign: Float) throws -> ImportedValue {
    try inputs.indices.dropFirst().reduce(input(0)) { a, index in
      let b = try input(index)
      if case .constant(let left) = a, case .constant(let right) = b {
        return .constant(
          try left.combined(with: right, { sign > 0 ? max($0, $1) : min($0, $1) }) {
            sign > 0 ? max($0, $1) : min($0, $1)
          })
      }
      let difference = try scaled(sum(b, scaled(a, by: -1)), by: sign)
      guard case .computed(let x) = difference else { return a }
      let excess = result(builder.relu("excess", x.finished), x.extents)[0]
      return try sum(a, scaled(excess, by: sign))
    }
  }

  /// A value and a constant under the axes that both have in common, the constant in the axes of the sample.
  private func aligned(
    _ x: ComputedValue, _ c: ConstantArray
  ) throws -> (value: ComputedValue, constant: Tensor, extents: [Int]) {
    let extents = try Movement.common(x.extents, c.extents)
    let value = try x.expanded(to: extents)
    let all = [Int](repeating: 1, count: extents.count - c.extents.count) + c.extents
    let own = all.suffix(value.value.shape.rank)
    return (value, c.tensor.reshaped(to: Shape(Array(own))), extents)
  }
}

extension ComputedValue {
  /// The value as a factor for one of other extents that has one scalar for each run of its last axes; nil where it is none.
  fileprivate func gate(of extents: [Int]) -> Value? {
    let own = [Int](repeating: 1, count: max(0, extents.count - self.extents.count)) + self.extents
    let common = zip(own, extents).prefix { $0 == $1 }.count
    guard own.dropFirst(common).allSatisfy({ $0 == 1 }) else { return nil }
    let rank = Self.sampleShape(of: extents).rank
    return value.reshaped(toExtents: Array(own.suffix(rank)))
  }
}

extension Tensor {
  /// One over each scalar.
  fileprivate var inverse: Tensor { Tensor(scalars.map { 1 / $0 }, shape: shape) }
}
