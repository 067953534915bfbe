/// A row of a mobile network's table: blocks of one shape, of which the first one strides.
struct MobileRow: Sendable {
  /// What a block is made of.
  enum Block: Sendable {
    /// A convolution with batch norm and activation.
    case convolution
    /// A depth-wise and a point-wise convolution (Howard et al. 2017, MobileNet).
    case separable
    /// Point-wise to more channels, depth-wise, point-wise back to fewer (Sandler et al. 2018, MobileNetV2).
    case inverted
    /// The same with one convolution in place of the first two (Tan and Le 2021, EfficientNetV2).
    case fused
  }

  let block: Block
  var kernel: Int
  var stride: Int
  /// The channels inside a block, in multiples of its input's.
  var expansion: Double
  var outputs: Int
  var repeats: Int
  /// Whether its blocks have squeeze-and-excitation.
  var squeezes: Bool
  /// The activation, where it is not the network's.
  var activation: Activation?
  /// Whether a block that keeps its input's shape adds its input.
  var hasShortcut: Bool

  init(
    _ block: Block, kernel: Int = 3, stride: Int = 1, expansion: Double = 1, outputs: Int, repeats: Int = 1,
    squeezes: Bool = false, activation: Activation? = nil, hasShortcut: Bool = true
  ) {
    self.block = block
    self.kernel = kernel
    self.stride = stride
    self.expansion = expansion
    self.outputs = outputs
    self.repeats = repeats
    self.squeezes = squeezes
    self.activation = activation
    self.hasShortcut = hasShortcut
  }

  /// Its blocks one by one: all but the first keep the size of the map.
  var blocks: [MobileRow] {
    (0..<repeats).map { index in
      var block = self
      block.repeats = 1
      if index > 0 { block.stride = 1 }
      return block
    }
  }

  /// The row of a network with more or fewer channels and blocks.
  func scaled(width: Double, depth: Double = 1) -> MobileRow {
    var row = self
    row.outputs = Self.divisible(Double(outputs) * width)
    row.repeats = Int((Double(repeats) * depth).rounded(.up))
    return row
  }

  /// The multiple of a divisor nearest to a number of channels, the next one where that would lose more than a tenth.
  static func divisible(_ channels: Double, by divisor: Int = 8) -> Int {
    let nearest = max(divisor, Int(channels + Double(divisor) / 2) / divisor * divisor)
    return Double(nearest) < 0.9 * channels ? nearest + divisor : nearest
  }
}
