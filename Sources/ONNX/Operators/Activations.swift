import Foundation
import LayerGraph
import Tensors

extension Operators {
  static let activations: [String: Importer] = [
    "Relu": activation { $0.relu($1, $2) },
    "Sigmoid": activation({ $0.sigmoid($1, $2) }, constant: { 1 / (1 + exp(-$0)) }),
    "HardSwish": activation { $0.hardSwish($1, $2) },
    "SiLU": activation { $0.silu($1, $2) },
    "Swish": activation { $0.silu($1, $2) },
    "Gelu": { call in
      let isExact = call.text("approximate") != "tanh"
      return try call.mapped { isExact ? $0.gelu($1, $2) : $0.map($1, $2, .geluOfTanh) }
    },
    "HardSigmoid": { call in
      let (slope, offset) = (call.float("alpha", default: 0.2), call.float("beta", default: 0.5))
      let isCustomary = abs(slope - 1 / 6) < 1e-6 && offset == 0.5
      return try call.mapped {
        isCustomary ? $0.hardSigmoid($1, $2) : $0.map($1, $2, .hardSigmoid(slope: slope, offset: offset))
      }
    },
    "LeakyRelu": { call in
      let slope = call.float("alpha", default: 0.01)
      return try call.mapped { $0.map($1, $2, .leakyReLU(slope)) }
    },
    "Elu": { call in
      let alpha = call.float("alpha", default: 1)
      return try call.mapped { $0.map($1, $2, .elu(alpha)) }
    },
    "PRelu": prelu,
    "Softplus": function(.softplus), "Mish": function(.mish), "Tanh": function(.hyperbolicTangent),
    "Erf": function(.errorFunction), "Exp": function(.exponential), "Log": function(.logarithm), "Sin": function(.sine),
    "Cos": function(.cosine), "Abs": function(.magnitude), "Sqrt": function(.power(0.5)),
    "Reciprocal": function(.power(-1)),
    "Clip": clip, "Softmax": softmax, "LogSoftmax": logSoftmax,
  ]

  private static func activation(
    _ make: @escaping @Sendable (GraphBuilder, String, Value) -> Value,
    constant: (@Sendable (Float) -> Float)? = nil
  ) -> Importer {
    { call in
      if let constant, case .constant(let array) = try call.input(0) {
        return [.constant(array.mapped(constant) { Int(constant(Float($0))) })]
      }
      return try call.mapped(make)
    }
  }

  /// A function of each scalar, of constants too.
  private static func function(_ function: ScalarFunction) -> Importer {
    { call in
      if case .constant(let array) = try call.input(0) {
        return [.constant(array.mapped(function.callAsFunction) { Int(function(Float($0))) })]
      }
      return try call.mapped { $0.map($1, $2, function) }
    }
  }

  /// Bounds, as attributes in older versions and as inputs in newer ones.
  private static let clip: Importer = { call in
    let low = try call.node.attributes["min"]?.float ?? call.optionalConstant(1)?.scalar ?? -.infinity
    let high = try call.node.attributes["max"]?.float ?? call.optionalConstant(2)?.scalar ?? .infinity
    guard !low.isNaN, !high.isNaN else { throw ShapeError("bounds that are no numbers") }
    if case .constant(let array) = try call.input(0) {
      return [.constant(array.mapped({ min(max($0, low), high) }) { Int(min(max(Float($0), low), high)) })]
    }
    switch (low, high) {
    case (0, .infinity): return try call.mapped { $0.relu($1, $2) }
    case (0, 6): return try call.mapped { $0.relu6($1, $2) }
    default: return try call.mapped { $0.map($1, $2, .clamp(low, high)) }
    }
  }

  /// x + (slope − 1) min(x, 0), with a slope for each channel.
  private static let prelu: Importer = { call in
    let x = try call.computed(0)
    let slopes = try call.constant(1)
    guard slopes.count > 1 else {
      let slope = slopes.scalar ?? 0
      return try call.mapped { $0.map($1, $2, .leakyReLU(slope)) }
    }
    let low = call.result(call.builder.map("low", x.value, .clamp(-.infinity, 0)), x.extents)[0]
    let bent = try call.product(of: low, .constant(slopes.mapped({ $0 - 1 }) { $0 - 1 }))
    return [try call.sum(.computed(x), bent)]
  }

  /// Over one axis; before version 13 over all axes from one on.
  private static let softmax: Importer = { call in
    [.computed(try call.softmax())]
  }

  private static let logSoftmax: Importer = { call in
    let y = try call.softmax()
    return call.result(call.builder.map("log", y.finished, .logarithm), y.extents)
  }
}

extension OperatorCall {
  /// The only input put through an op that keeps its shape.
  func mapped(_ make: (GraphBuilder, String, Value) -> Value) throws -> [ImportedValue] {
    let x = try computed(0)
    return result(make(builder, name, x.value), x.extents)
  }

  fileprivate func softmax() throws -> ComputedValue {
    let x = try computed(0)
    let rank = x.extents.count
    let axis = try axis(integer("axis", default: opset < 13 ? 1 : -1), rank: rank)
    if opset < 13, axis < rank - 1 {
      let rows = x.reshaped([x.extents[..<axis].reduce(1, *), x.extents[axis...].reduce(1, *)])
      return ComputedValue(builder.softmax(name, rows.value), extents: rows.extents).reshaped(x.extents)
    }
    if axis == rank - 1 { return ComputedValue(builder.softmax(name, x.value), extents: x.extents) }
    var order = Array(0..<rank)
    order.swapAt(axis, rank - 1)
    let moved = x.permuted(order)
    return ComputedValue(builder.softmax(name, moved.value), extents: moved.extents).permuted(order)
  }
}
