import Images
import LayerGraph
import Tensors

/// PVT v2 (Wang et al. 2022, "PVT v2: Improved baselines with Pyramid Vision Transformer"): stages of ever fewer tokens;
/// patches overlap, keys and values are taken from a reduced map, and a depth-wise convolution in the perceptron tells
/// tokens where they are.
public struct PyramidVisionTransformerV2: Architecture {
  /// The number of channels of each stage.
  var widths = [64, 128, 320, 512]
  /// The number of blocks of each stage.
  var blocks: [Int]
  /// The number of attention heads of each stage.
  var heads = [1, 2, 5, 8]
  /// By how much each side of the map is reduced for keys and values.
  var reductions = [8, 4, 2, 1]
  /// The hidden layer of a block's perceptron, in multiples of the width.
  var hiddenRatios = [8, 8, 4, 4]
  /// Whether keys and values come from a map pooled to 7×7, so that attention costs no more than linear time.
  var isLinear = false
  /// Whether queries, keys and values have a bias.
  var hasQueryBias = true
  /// The activation of a block's perceptron.
  var activation = Activation.gelu
  /// What layer normalisation adds to the variance: in blocks and behind them, and behind convolutions.
  var epsilon: Float = 1e-6
  var mapEpsilon: Float = 1e-5

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "stages[-1].blocks[-1].norm1" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["patch_embed.proj.weight", "stages.0.blocks.0.attn.q.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let patches = m.scope("patch_embed") { embedding(m, picture, outputs: widths[0], kernel: 7, stride: 4) }
    let map = m.sequence("stages", count: widths.count, patches) { index, x in stage(m, x, index) }
    return m.classifier("head", m.globalAveragePool("global_pool", map))
  }

  /// Overlapping patches, H×W×C.
  private func embedding(_ m: GraphBuilder, _ map: Value, outputs: Int, kernel: Int, stride: Int) -> Value {
    let patches = m.convolution(
      "proj", map, outputs: outputs, kernel: Extent(kernel), stride: Extent(stride), padding: Extent(kernel / 2))
    return m.layerNorm("norm", patches.permuted(1, 2, 0), epsilon: mapEpsilon)
  }

  /// From a map C×H×W (the first stage: from the patches) to another.
  private func stage(_ m: GraphBuilder, _ x: Value, _ index: Int) -> Value {
    let patches =
      index == 0 ? x : m.scope("downsample") { embedding(m, x, outputs: widths[index], kernel: 3, stride: 2) }
    let grid = Extent(height: patches.shape[0], width: patches.shape[1])
    let tokens = patches.reshaped(to: [grid.height * grid.width, widths[index]])
    let encoded = m.sequence("blocks", count: blocks[index], tokens) { _, x in block(m, x, grid, index) }
    return m.layerNorm("norm", encoded, epsilon: epsilon).asMap(grid)
  }

  private func block(_ m: GraphBuilder, _ x: Value, _ grid: Extent, _ index: Int) -> Value {
    let h = m.layerNorm("norm1", x, epsilon: epsilon)
    let x = x + m.scope("attn") { attention(m, h, grid, index) }
    let g = m.layerNorm("norm2", x, epsilon: epsilon)
    return x + m.scope("mlp") { perceptron(m, g, grid, index) }
  }

  private func attention(_ m: GraphBuilder, _ x: Value, _ grid: Extent, _ index: Int) -> Value {
    let reduced: Value
    if isLinear {
      let pooled = m.adaptiveAveragePool("pool", x.asMap(grid), grid: Extent(7))
      reduced = m.gelu("act", reduction(m, pooled, by: 1))
    } else {
      reduced = reductions[index] == 1 ? x : reduction(m, x.asMap(grid), by: reductions[index])
    }
    return m.crossAttention(queries: x, keysAndValues: reduced, heads: heads[index], hasBias: hasQueryBias)
  }

  /// A map as fewer tokens.
  private func reduction(_ m: GraphBuilder, _ map: Value, by factor: Int) -> Value {
    let reduced = m.convolution(
      "sr", map, outputs: map.shape[0], kernel: Extent(factor), stride: Extent(factor))
    return m.layerNorm("norm", reduced.asTokens(), epsilon: mapEpsilon)
  }

  private func perceptron(_ m: GraphBuilder, _ x: Value, _ grid: Extent, _ index: Int) -> Value {
    let hidden = hiddenRatios[index] * widths[index]
    var map = m.linear("fc1", x, outputs: hidden).asMap(grid)
    if isLinear { map = m.relu("relu", map) }
    let mixed = m.convolution(
      "dwconv", map, outputs: hidden, kernel: Extent(3), padding: Extent(1), groups: hidden)
    return m.linear("fc2", activation(m, "act", mixed.asTokens()), outputs: widths[index])
  }
}
