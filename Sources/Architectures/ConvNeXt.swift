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

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "stages[-1]" }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let stem = m.scope("stem") {
      m.channelNorm("1", m.convolution("0", picture, outputs: channels[0], kernel: Extent(4), stride: Extent(4)))
    }
    let features = m.sequence("stages", count: blocks.count, stem) { stage, x in
      let x = stage == 0 ? x : m.scope("downsample") { halved(m, x, outputs: channels[stage]) }
      return m.sequence("blocks", count: blocks[stage], x) { _, x in block(m, x) }
    }
    return m.scope("head") {
      m.classifier("fc", m.layerNorm("norm", m.globalAveragePool("global_pool", features)))
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
    let mixed = m.scope("mlp") { m.multilayerPerceptron(h, hidden: 4 * width) }
    return x + mixed.permuted(2, 0, 1) * m.constant("gamma", layerScale(m, width))
  }

  /// γ as C×1×1. timm has it as C; some checkpoints as torchvision, with the axes of a map.
  private func layerScale(_ m: GraphBuilder, _ width: Int) -> Tensor {
    let isMap = m.parameterShape("gamma")?.rank == 3
    return m.parameter("gamma", isMap ? [width, 1, 1] : [width]).reshaped(to: [width, 1, 1])
  }
}
