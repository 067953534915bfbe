import Tensors

/// A convolution and the batch norm behind it, y = scale ⊙ (w ∗ x + b) + shift: a convolution too, whose weights are scaled
/// when they are packed, so that nothing is copied before.
struct FoldedConvolution: Op {
  let convolution: Convolution
  let norm: BatchNorm

  /// What is added to the sums: scale ⊙ b + shift.
  var bias: Tensor {
    guard let bias = convolution.bias else { return norm.shift }
    return bias * norm.scale + norm.shift
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try norm.outputShape(for: [convolution.outputShape(for: inputs)])
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    norm.forward([convolution.forward(inputs)])
  }

  /// That of both, one after the other; neither derivative reads the convolution's result.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    convolution.backward(
      norm.backward(gradient, inputs: [output], output: output)[0], inputs: inputs, output: output)
  }
}

extension FoldedConvolution: RelevanceOp {
  /// That of the one convolution that both are.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    convolution.scaled(by: norm).relevance(gradient, inputs: inputs, output: output, rules: rules)
  }
}

extension FoldedConvolution: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)? {
    if convolution.isDepthwise { return ChannelsLastDepthwise(convolution.scaled(by: norm)) }
    return convolution.product(over: inputs, scale: norm.scale, bias: bias, packing: packing)
  }
}
