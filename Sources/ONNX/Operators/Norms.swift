import LayerGraph
import Tensors

extension Operators {
  static let norms: [String: Importer] = [
    "BatchNormalization": batchNorm, "LayerNormalization": layerNorm, "InstanceNormalization": instanceNorm,
    "GroupNormalization": groupNorm, "LpNormalization": unitLength, "RMSNormalization": rootMeanSquareNorm,
  ]

  private static let batchNorm: Importer = { call in
    if call.isConstant { return try call.normalizedWeights() }
    let x = try call.computed(0)
    let parameters = try (1...4).map { try call.constant($0).tensor }
    guard x.extents.count >= 2, parameters.allSatisfy({ $0.shape == [x.extents[1]] }) else {
      throw ShapeError("parameters of \(parameters[0].shape) do not fit \(x.extents)")
    }
    // Where the first axis counts tokens and not samples, the channels are put first.
    var order = Array(x.extents.indices)
    if x.extents[0] > 1 { order.swapAt(0, 1) }
    let channelsFirst = x.extents[0] > 1 ? x.value.permuted(order) : x.value
    let y = call.builder.batchNorm(
      call.name, channelsFirst, gamma: parameters[0], beta: parameters[1], mean: parameters[2], variance: parameters[3],
      epsilon: call.float("epsilon", default: 1e-5))
    return call.result(x.extents[0] > 1 ? y.permuted(order) : y, x.extents)
  }

  private static let layerNorm: Importer = { call in
    let x = try call.computed(0)
    let axis = try call.axis(call.integer("axis", default: -1), rank: x.extents.count)
    let normed = x.extents[axis...].reduce(1, *)
    let gamma = try call.constant(1).tensor
    let beta = try call.optionalConstant(2)?.tensor ?? Tensor(repeating: 0, shape: gamma.shape)
    guard gamma.count == normed, beta.count == normed else {
      throw ShapeError("weights of \(gamma.shape) do not fit the last axes of \(x.extents)")
    }
    let isLast = axis == x.extents.count - 1
    let rows = isLast ? x : x.reshaped(Array(x.extents[..<axis]) + [normed])
    let y = call.builder.layerNorm(
      call.name, rows.value, gamma: gamma.reshaped(to: [normed]), beta: beta.reshaped(to: [normed]),
      epsilon: call.float("epsilon", default: 1e-5))
    return call.result(y.reshapedToSample(of: x.extents), x.extents)
  }

  private static let instanceNorm: Importer = { call in
    let x = try call.computed(0)
    return try call.groupNorm(
      x, groups: x.extents.count > 1 ? x.extents[1] : 0, scale: call.constant(1).tensor, shift: call.constant(2).tensor)
  }

  private static let groupNorm: Importer = { call in
    try call.groupNorm(
      call.computed(0), groups: call.integer("num_groups", default: 0), scale: call.constant(1).tensor,
      shift: call.constant(2).tensor)
  }

  /// x / √(mean of x² + ε), times a weight for each channel.
  private static let rootMeanSquareNorm: Importer = { call in
    let x = try call.computed(0)
    let axis = try call.axis(call.integer("axis", default: -1), rank: x.extents.count)
    guard axis == x.extents.count - 1, x.value.shape.rank > 0 else {
      throw ShapeError("only norms over the last axis are known")
    }
    let value = call.builder.product("square", x.value, x.value).mean(axis: x.value.shape.rank - 1)
    let squares = ComputedValue(value, extents: x.extents.dropLast() + [1])
    let epsilon = Tensor(
      repeating: call.float("epsilon", default: 1e-5),
      shape: Shape([Int](repeating: 1, count: squares.value.shape.rank)))
    let root = call.builder.map("root", call.builder.sum("epsilon", squares.value, epsilon), .power(-0.5))
    let lengths = ComputedValue(root, extents: squares.extents)
    let normed = try call.product(of: .computed(x), .computed(lengths), named: "norm")
    return [try call.product(of: normed, call.input(1))]
  }

  /// Vectors brought to length 1.
  private static let unitLength: Importer = { call in
    let x = try call.computed(0)
    let axis = try call.axis(call.integer("axis", default: -1), rank: x.extents.count)
    guard call.integer("p", default: 2) == 2, axis == x.extents.count - 1 else {
      throw ShapeError("only Euclidean lengths along the last axis are known")
    }
    return call.result(call.builder.unitLength(call.name, x.value), x.extents)
  }
}

extension OperatorCall {
  /// The batch norm of a constant: how weights are standardised that an exporter left as they were.
  fileprivate func normalizedWeights() throws -> [ImportedValue] {
    let x = try constant(0)
    guard x.extents.count >= 2 else { throw ShapeError("no channels: \(x.extents)") }
    let shape = x.extents.indices.map { $0 == 1 ? x.extents[1] : 1 }
    let parameters = try (1...4).map { try constant($0) }
    guard parameters.allSatisfy({ $0.extents == [x.extents[1]] }) else {
      throw ShapeError("parameters of \(parameters[0].extents) do not fit \(x.extents)")
    }
    let (gamma, beta) = (parameters[0].tensor.scalars, parameters[1].tensor.scalars)
    let (mean, variance) = (parameters[2].tensor.scalars, parameters[3].tensor.scalars)
    let epsilon = float("epsilon", default: 1e-5)
    let factors = zip(gamma, variance).map { $0 / ($1 + epsilon).squareRoot() }
    let shifts = zip(zip(beta, mean), factors).map { $0.0 - $0.1 * $1 }
    let scaled = try x.combined(with: ConstantArray(Tensor(factors, shape: Shape(shape))), *) { _, _ in nil }
    return [.constant(try scaled.combined(with: ConstantArray(Tensor(shifts, shape: Shape(shape))), +) { _, _ in nil })]
  }

  /// Normalisation of each group of channels over all its scalars, and a scale and shift for each channel or group.
  fileprivate func groupNorm(
    _ x: ComputedValue, groups: Int, scale: Tensor, shift: Tensor
  ) throws -> [ImportedValue] {
    guard x.extents.count >= 2, x.extents[0] == 1, groups > 0, x.extents[1] % groups == 0,
      scale.count == x.extents[1] || scale.count == groups, shift.count == scale.count
    else { throw ShapeError("\(groups) groups with weights of \(scale.shape) do not fit \(x.extents)") }
    let size = x.extents.reduce(1, *) / groups
    let one = Tensor(repeating: 1, shape: [size])
    let rows = x.value.reshaped(to: [groups, size])
    let normed = builder.layerNorm(
      "norm", rows, gamma: one, beta: one * 0, epsilon: float("epsilon", default: 1e-5))
    // A weight of a group is that of its channels.
    let channels = x.extents[1]
    func perChannel(_ weights: Tensor) -> Tensor {
      weights.reshaped(to: [weights.count, 1]).expanded(to: [weights.count, channels / weights.count])
        .reshaped(to: [channels])
    }
    let zero = Tensor(repeating: 0, shape: [channels])
    let y = builder.batchNorm(
      name, normed.reshapedToSample(of: x.extents), gamma: perChannel(scale), beta: perChannel(shift), mean: zero,
      variance: Tensor(repeating: 1, shape: [channels]), epsilon: 0)
    return result(y, x.extents)
  }
}

extension Value {
  /// The value in the shape of a sample of some extents.
  func reshapedToSample(of extents: [Int]) -> Value {
    reshaped(toExtents: ComputedValue.sampleShape(of: extents).extents)
  }
}
