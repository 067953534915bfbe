import LayerGraph
import Tensors

/// The body that EfficientNet, MobileNetV3 and MNASNet share: a stem that halves the picture, and stages of blocks that
/// are cheap because their large convolutions are depth-wise. The names are timm's.
struct MobileTrunk: Sendable {
  /// The channels of the stem.
  var stem: Int
  /// The rows of the paper's table, stage by stage.
  var stages: [[MobileRow]]
  var activation = Activation.relu
  /// What batch norm adds to the variance.
  var epsilon: Float = 1e-5
  /// Whether convolutions are padded as TensorFlow does it, as weights that come from there need it.
  var padsAsTensorFlow = false
  var squeeze = Squeeze.input

  /// How squeeze-and-excitation (Hu, Shen, Sun 2018) is made.
  enum Squeeze: Sendable {
    /// To a quarter of the block's input, with the network's activation and a sigmoid gate (EfficientNet, MNASNet).
    case input
    /// To a quarter of the channels inside the block, with ReLU and a hard sigmoid gate (MobileNetV3).
    case hidden
  }

  // MARK: The figure

  func callAsFunction(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = convolved(m, "conv_stem", "bn1", picture, outputs: stem, kernel: 3, stride: 2, activation)
    return m.sequence("blocks", count: stages.count, x) { stage, x in
      stages[stage].flatMap(\.blocks).enumerated().reduce(x) { x, block in
        m.scope(block.offset) { self.block(m, block.element, x) }
      }
    }
  }

  private func block(_ m: GraphBuilder, _ row: MobileRow, _ x: Value) -> Value {
    let result =
      switch row.block {
      case .convolution: plain(m, row, x)
      case .separable: separable(m, row, x)
      case .inverted: inverted(m, row, x)
      case .fused: fused(m, row, x)
      }
    return row.hasShortcut && result.shape == x.shape ? result + x : result
  }

  private func plain(_ m: GraphBuilder, _ row: MobileRow, _ x: Value) -> Value {
    convolved(
      m, "conv", "bn1", x, outputs: row.outputs, kernel: row.kernel, stride: row.stride, row.activation ?? activation)
  }

  private func separable(_ m: GraphBuilder, _ row: MobileRow, _ x: Value) -> Value {
    let a = depthwise(m, row, "bn1", x)
    let b = row.squeezes ? squeezed(m, row, a, to: x.shape[0] / 4) : a
    return convolved(m, "conv_pw", "bn2", b, outputs: row.outputs)
  }

  private func inverted(_ m: GraphBuilder, _ row: MobileRow, _ x: Value) -> Value {
    let hidden = MobileRow.divisible(Double(x.shape[0]) * row.expansion)
    let a = convolved(m, "conv_pw", "bn1", x, outputs: hidden, row.activation ?? activation)
    let b = depthwise(m, row, "bn2", a)
    let c = row.squeezes ? squeezed(m, row, b, to: x.shape[0] / 4) : b
    return convolved(m, "conv_pwl", "bn3", c, outputs: row.outputs)
  }

  private func fused(_ m: GraphBuilder, _ row: MobileRow, _ x: Value) -> Value {
    let hidden = MobileRow.divisible(Double(x.shape[0]) * row.expansion)
    let a = convolved(
      m, "conv_exp", "bn1", x, outputs: hidden, kernel: row.kernel, stride: row.stride, row.activation ?? activation)
    return convolved(m, "conv_pwl", "bn2", a, outputs: row.outputs)
  }

  // MARK: Modules

  /// A convolution, its batch norm and its activation, if any.
  func convolved(
    _ m: GraphBuilder, _ name: String, _ norm: String, _ x: Value, outputs: Int, kernel: Int = 1, stride: Int = 1,
    groups: Int = 1, _ activation: Activation? = nil
  ) -> Value {
    let map = m.convolution(
      name, x, outputs: outputs, kernel: Extent(kernel), stride: Extent(stride),
      padding: padsAsTensorFlow ? .same : .symmetric(Extent(kernel / 2)), groups: groups, bias: false)
    guard let activation else { return m.batchNorm(norm, map, epsilon: epsilon) }
    return m.batchNorm(norm, map, epsilon: epsilon) { activation(m, $0, $1) }
  }

  private func depthwise(_ m: GraphBuilder, _ row: MobileRow, _ norm: String, _ x: Value) -> Value {
    let channels = max(1, x.shape[0])
    return convolved(
      m, "conv_dw", norm, x, outputs: channels, kernel: row.kernel, stride: row.stride, groups: channels,
      row.activation ?? activation)
  }

  /// Scales each channel by a gate that sees the means of all channels.
  private func squeezed(_ m: GraphBuilder, _ row: MobileRow, _ x: Value, to quarterOfInput: Int) -> Value {
    let channels = x.shape[0]
    let isHidden = squeeze == .hidden
    let width = isHidden ? MobileRow.divisible(Double(channels) / 4) : quarterOfInput
    return m.scope("se") {
      let means = m.globalAveragePool("squeeze", x).reshaped(to: [channels, 1, 1])
      let reduced = m.convolution("conv_reduce", means, outputs: width, kernel: Extent(1))
      let h = (isHidden ? .relu : row.activation ?? activation)(m, "act1", reduced)
      let expanded = m.convolution("conv_expand", h, outputs: channels, kernel: Extent(1))
      return x * (isHidden ? Activation.hardSigmoid : .sigmoid)(m, "gate", expanded)
    }
  }
}
