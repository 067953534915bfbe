import Tensors

/// Layer normalisation of the channels at each place of a map C×H×W (Liu et al. 2022, ConvNeXt): as ``LayerNorm``, over
/// the first axis.
struct ChannelNorm: Op {
  let norm: LayerNorm

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    guard map.channels == norm.gamma.count else {
      throw ShapeError("expected \(norm.gamma.count) channels along the first axis, found \(inputs[0])")
    }
    return inputs[0]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    Self.channelsFirst(norm.forward([Self.channelsLast(inputs[0])]))
  }

  /// That of ``LayerNorm``, at each place.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradients = norm.backward(
      Self.channelsLast(gradient), inputs: [Self.channelsLast(inputs[0])], output: Self.channelsLast(output))
    return gradients.map(Self.channelsFirst)
  }

  private static func channelsLast(_ x: Tensor) -> Tensor { x.permuted([0, 2, 3, 1]) }
  private static func channelsFirst(_ x: Tensor) -> Tensor { x.permuted([0, 3, 1, 2]) }
}

extension ChannelNorm: RelevanceOp {
  /// That of ``LayerNorm``, at each place.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    let gradients = norm.relevance(
      Self.channelsLast(gradient), inputs: [Self.channelsLast(inputs[0])], output: Self.channelsLast(output),
      rules: rules)
    return gradients.map(Self.channelsFirst)
  }
}

extension GraphBuilder {
  /// Layer normalisation of the channels at each place of C×H×W: `name.weight` and `name.bias`.
  public func channelNorm(_ name: String, _ x: Value, epsilon: Float = 1e-6) -> Value {
    let channels: Shape = [x.shape.extents.first ?? 0]
    let norm = LayerNorm(
      gamma: parameter("\(name).weight", channels), beta: parameter("\(name).bias", channels), epsilon: epsilon)
    return append(name, ChannelNorm(norm: norm), [x])
  }
}
