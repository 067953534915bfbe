/// What an op does with the tokens (the first axis of a sample) of a transformer.
public enum TokenFlow: Equatable, Sendable {
  /// Each token of the result depends on the same token of the inputs only.
  case separate
  /// Only some tokens are read.
  case only(Range<Int>)
  /// Any token of the result may depend on any token of the inputs.
  case mixed
}

extension Op {
  /// What this op does with tokens.
  public var tokenFlow: TokenFlow {
    switch self {
    case is Linear, is LayerNorm, is LayerScale, is Add, is Scale, is ConstantOperand: .separate
    case is GELU, is ReLU, is ReLU6, is SiLU, is HardSwish, is HardSigmoid, is Sigmoid, is ScalarMap: .separate
    case let slice as Slice where slice.axis == 0: .only(slice.range)
    default: .mixed
    }
  }
}
