import Images
import LayerGraph
import Tensors

/// The Swin Transformer (Liu et al. 2021, "Swin Transformer: Hierarchical Vision Transformer using shifted windows") and its
/// second version (Liu et al. 2022): attention within windows, which every second block shifts.
public struct SwinTransformer: Architecture {
  /// What a block does.
  enum Version: Sendable {
    /// Normalisation first; scores are dot products, with a learned bias for each relative position.
    case first
    /// Normalisation after attention and perceptron; scores are cosines, with a bias that a small network computes.
    case second
  }

  var version = Version.first
  /// The side of a patch in pixels.
  var patch = 4
  /// The number of channels of the first stage; each further stage doubles it.
  var width = 96
  /// The number of blocks of each stage.
  var blocks: [Int]
  /// The number of attention heads of each stage.
  var heads = [3, 6, 12, 24]
  /// The side of a window in patches.
  var window = 7
  /// The side of the windows of each stage that the second version's relative positions are measured in, where it was
  /// trained on smaller windows before.
  var firstWindows: [Int]?
  /// Whether a grid that is no multiple of the window is padded before the shift, and one smaller than the window too, as
  /// torchvision does. timm pads after the shift and shrinks the window.
  var padsFirst = false
  /// The hidden layer of a block's perceptron, in multiples of its width.
  var hiddenRatio = 4.0
  /// The activation of a block's perceptron.
  var activation = Activation.gelu
  /// Whether queries, keys and values have a bias.
  var hasQueryBias = true
  /// What the layer normalisation of blocks and the last one add to the variance.
  var epsilon: Float = 1e-5

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "layers[-1].blocks[-1].norm1" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["patch_embed.proj.weight", "layers.0.blocks.0.attn.proj.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let side = windowSide(m)
    let patches = m.scope("patch_embed") { patchEmbedding(m, picture) }
    let encoded = m.sequence("layers", count: blocks.count, patches) { index, x in
      let x = index == 0 ? x : m.scope("downsample") { merged(m, x) }
      return m.sequence("blocks", count: blocks[index], x) { number, x in
        let windows = windows(of: Extent(height: x.shape[0], width: x.shape[1]), side: side, block: number)
        return block(m, x, windows, index)
      }
    }
    let features = m.layerNorm("norm", encoded, epsilon: epsilon)
    return m.scope("head") {
      let pooled = features.asRows().mean(axis: 0)
      m.alias("global_pool", pooled)
      return m.classifier("fc", pooled)
    }
  }

  /// H×W×C, as all that follows.
  private func patchEmbedding(_ m: GraphBuilder, _ picture: Value) -> Value {
    let map = m.convolution("proj", picture, outputs: width, kernel: Extent(patch), stride: Extent(patch))
    return m.layerNorm("norm", map.permuted(1, 2, 0), epsilon: 1e-5)
  }

  /// Four neighbours, column by column, become one place of twice the channels.
  private func merged(_ m: GraphBuilder, _ x: Value) -> Value {
    let grid = Extent(height: x.shape[0], width: x.shape[1])
    let channels = x.shape[2]
    let fours = m.cut("fours", x, into: WindowGrid(grid: grid, window: Extent(2)))
    let joined = fours.reshaped(to: [fours.shape[0], 2, 2, channels]).permuted(0, 2, 1, 3)
      .reshaped(to: [(grid.height + 1) / 2, (grid.width + 1) / 2, 4 * channels])
    switch version {
    case .first:
      let normed = m.layerNorm("norm", joined, epsilon: 1e-5)
      return m.linear("reduction", normed, outputs: 2 * channels, bias: false)
    case .second:
      let reduced = m.linear("reduction", joined, outputs: 2 * channels, bias: false)
      return m.layerNorm("norm", reduced, epsilon: 1e-5)
    }
  }

  private func block(_ m: GraphBuilder, _ x: Value, _ windows: WindowGrid, _ index: Int) -> Value {
    m.ignoreParameter("attn_mask")
    let hidden = Int((hiddenRatio * Double(x.shape[2])).rounded())
    switch version {
    case .first:
      let h = m.layerNorm("norm1", x, epsilon: epsilon)
      let x = (x + m.named("drop_path1", attention(m, h, windows, index))).asRows()
      let g = m.layerNorm("norm2", x, epsilon: epsilon)
      let y = m.scope("mlp") { m.multilayerPerceptron(g, hidden: hidden, activation) }
      return (x + m.named("drop_path2", y)).reshaped(to: h.shape)
    case .second:
      let h = m.layerNorm("norm1", attention(m, x, windows, index), epsilon: epsilon)
      let x = (x + m.named("drop_path1", h)).asRows()
      let g = m.scope("mlp") { m.multilayerPerceptron(x, hidden: hidden, activation) }
      let y = m.layerNorm("norm2", g, epsilon: epsilon)
      return (x + m.named("drop_path2", y)).reshaped(to: h.shape)
    }
  }
}
