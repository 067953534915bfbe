import Tensors

extension Op {
  /// What the op adds to each channel whatever its input is: C scalars; nil where it adds nothing.
  public var channelBias: Tensor? {
    switch self {
    case let op as Linear: op.bias
    case let op as Convolution: op.bias
    case let op as BatchNorm: op.shift
    case let op as LayerNorm: op.beta
    case let op as ChannelNorm: op.norm.beta
    default: nil
    }
  }
}
