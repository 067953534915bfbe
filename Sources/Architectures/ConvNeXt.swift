import Images
import LayerGraph
import Tensors

/// ConvNeXt (Liu et al. 2022, "A ConvNet for the 2020s"): a convolutional network made like a Swin transformer, with
/// depth-wise 7×7 convolutions in place of attention.
public struct ConvNeXt: Architecture {
  /// The number of blocks of each stage.
  var blocks: [Int]
  /// The number of channels of each stage.
  var channels: [Int]
  /// The side of a patch of the stem in pixels.
  var patch = 4
  /// The activation of a block's perceptron.
  var activation = Activation.gelu
  /// What the last layer normalisation adds to the variance.
  var epsilon: Float = 1e-6
  /// Whether the factors of channels follow from the picture (Woo et al. 2023, "ConvNeXt V2") and not learned ones.
  var normalizesResponse = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "stages[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["stem.0.weight", "stages.0.blocks.0.conv_dw.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let stem = m.scope("stem") {
      m.channelNorm(
        "1", m.convolution("0", picture, outputs: channels[0], kernel: Extent(patch), stride: Extent(patch)))
    }
    let features = m.sequence("stages", count: blocks.count, stem) { stage, x in
      let x = stage == 0 ? x : m.scope("downsample") { halved(m, x, outputs: channels[stage]) }
      return m.sequence("blocks", count: blocks[stage], x) { _, x in block(m, x) }
    }
    return m.scope("head") {
      m.classifier("fc", m.layerNorm("norm", m.globalAveragePool("global_pool", features), epsilon: epsilon))
    }
  }

  private func halved(_ m: GraphBuilder, _ x: Value, outputs: Int) -> Value {
    m.convolution("1", m.channelNorm("0", x), outputs: outputs, kernel: Extent(2), stride: Extent(2))
  }

  /// x + γ ⊙ mlp(norm(depth-wise convolution(x))), the norm and the perceptron channels last.
  private func block(_ m: GraphBuilder, _ x: Value) -> Value {
    let width = max(1, x.shape[0])
    let spatial = m.convolution("conv_dw", x, outputs: width, kernel: Extent(7), padding: Extent(3), groups: width)
    let h = m.layerNorm("norm", spatial.permuted(1, 2, 0))
    let mixed = m.scope("mlp") {
      let hidden = activation(m, "act", m.linear("fc1", h, outputs: 4 * width))
      return m.linear("fc2", normalizesResponse ? responseNorm(m, hidden) : hidden, outputs: width)
    }.permuted(2, 0, 1)
    return normalizesResponse ? x + mixed : x + mixed * m.constant("gamma", layerScale(m, width))
  }

  /// Global response normalisation of a map H×W×C, x + γ ⊙ x ⊙ n + β: n is each channel's length over all places, in units of
  /// the channels' mean (Woo et al. 2023, equation 3).
  private func responseNorm(_ m: GraphBuilder, _ map: Value) -> Value {
    let width = map.shape[2]
    // timm has γ as C, the paper's repository and Hugging Face as a map of one place.
    func parameter(_ name: String) -> Tensor {
      let shape = m.parameterShape(name).flatMap { $0.count == width ? $0 : nil }
      return m.parameter(name, shape ?? [width]).reshaped(to: [width])
    }
    return m.scope("grn") {
      let rows = map.asRows()
      let lengths = m.map("lengths", (rows * rows).mean(axis: 0) * Float(rows.shape[0]), .power(0.5))
      let mean = lengths.reshaped(to: [1, width]).mean(axis: 1) + m.constant("epsilon", Tensor([1e-6], shape: [1]))
      let shares = (lengths * m.map("inverse", mean, .power(-1))).reshaped(to: [width, 1])
      let x = rows.permuted(1, 0)
      let scaled = m.product("scaled", x * shares, parameter("weight").reshaped(to: [width, 1]))
      let shifted = m.sum("shifted", scaled, parameter("bias").reshaped(to: [width, 1]))
      return (x + shifted).permuted(1, 0).reshaped(to: map.shape)
    }
  }

  /// γ as C×1×1. timm has it as C; some checkpoints as torchvision, with the axes of a map.
  private func layerScale(_ m: GraphBuilder, _ width: Int) -> Tensor {
    let isMap = m.parameterShape("gamma")?.rank == 3
    return m.parameter("gamma", isMap ? [width, 1, 1] : [width]).reshaped(to: [width, 1, 1])
  }
}
