import Tensors

// Ops for which it does not matter where the channels are, or which say so by an axis.

extension ChannelsLastComputable where Self: Pointwise {
  func channelsLast(for inputs: [Shape]) -> (any Op)? { self }
}

extension ReLU: ChannelsLastComputable {}
extension ReLU6: ChannelsLastComputable {}
extension Sigmoid: ChannelsLastComputable {}
extension GELU: ChannelsLastComputable {}
extension SiLU: ChannelsLastComputable {}
extension HardSwish: ChannelsLastComputable {}
extension HardSigmoid: ChannelsLastComputable {}

extension Add: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape]) -> (any Op)? { self }
}

extension Scale: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape]) -> (any Op)? { self }
}

extension ChannelNorm: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape]) -> (any Op)? { norm }
}

extension Concatenate: ChannelsLastComputable {
  func channelsLast(for inputs: [Shape]) -> (any Op)? {
    let rank = inputs[0].rank
    return Concatenate(axis: axis == 0 ? rank - 1 : axis - 1)
  }
}
