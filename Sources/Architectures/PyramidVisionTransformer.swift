import Images
import LayerGraph
import Tensors

/// The Pyramid Vision Transformer (Wang et al. 2021, "Pyramid Vision Transformer: A versatile backbone for dense prediction
/// without convolutions"): stages of ever fewer tokens; keys and values are taken from a reduced map, positions are learned,
/// and a class token joins the last stage. Its names are those of the paper's own repository.
public struct PyramidVisionTransformer: Architecture {
  /// The number of channels of each stage.
  var widths = [64, 128, 320, 512]
  /// The number of blocks of each stage.
  var blocks: [Int]
  /// The number of attention heads of each stage.
  var heads = [1, 2, 5, 8]
  /// The side of a patch in places of the map before.
  var patches = [4, 2, 2, 2]
  /// By how much each side of the map is reduced for keys and values.
  var reductions = [8, 4, 2, 1]
  /// The hidden layer of a block's perceptron, in multiples of the width.
  var hiddenRatios = [8, 8, 4, 4]
  /// Whether queries, keys and values have a bias.
  var hasQueryBias = true
  /// The activation of a block's perceptron.
  var activation = Activation.gelu
  /// What layer normalisation adds to the variance: in blocks and at the end, and behind convolutions.
  var epsilon: Float = 1e-6
  var mapEpsilon: Float = 1e-5

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { LayerPath("block\(blocks.count)[-1].norm1") }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["patch_embed1.proj.weight", "block1.0.attn.q.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let last = widths.count - 1
    var map = picture
    for index in 0..<last {
      let (tokens, grid) = embedded(m, map, index)
      map = encoded(m, tokens, grid, index).asMap(grid)
    }
    let (tokens, grid) = embedded(m, map, last)
    let features = m.layerNorm("norm", encoded(m, tokens, grid, last), epsilon: epsilon)
    return m.classifier("head", features.selected(0))
  }

  /// The patches of a map with their positions; in the last stage behind the class token.
  private func embedded(_ m: GraphBuilder, _ map: Value, _ index: Int) -> (tokens: Value, grid: Extent) {
    let number = index + 1
    var grid = Extent(1)
    var tokens = m.scope("patch_embed\(number)") {
      let side = Extent(patches[index])
      let patches = m.convolution("proj", map, outputs: widths[index], kernel: side, stride: side)
      grid = Extent(height: patches.shape[1], width: patches.shape[2])
      return m.layerNorm("norm", patches.asTokens(), epsilon: mapEpsilon)
    }
    let isLast = number == widths.count
    if isLast {
      let token = m.constant("cls_token", m.parameter("cls_token", [1, 1, widths[index]])[0])
      tokens = m.concatenate("cat", [token, tokens], axis: 0)
    }
    let positions = m.constant(
      "pos_embed\(number)", positionEmbedding(m, "pos_embed\(number)", tokens.shape, grid, leading: isLast ? 1 : 0))
    return (m.scope("pos_drop\(number)") { tokens + positions }, grid)
  }

  private func encoded(_ m: GraphBuilder, _ tokens: Value, _ grid: Extent, _ index: Int) -> Value {
    m.sequence("block\(index + 1)", count: blocks[index], tokens) { _, x in block(m, x, grid, index) }
  }

  private func block(_ m: GraphBuilder, _ x: Value, _ grid: Extent, _ index: Int) -> Value {
    let h = m.layerNorm("norm1", x, epsilon: epsilon)
    let x = x + m.scope("attn") { attention(m, h, grid, index) }
    let g = m.layerNorm("norm2", x, epsilon: epsilon)
    return x + m.scope("mlp") { m.multilayerPerceptron(g, hidden: hiddenRatios[index] * widths[index], activation) }
  }

  private func attention(_ m: GraphBuilder, _ x: Value, _ grid: Extent, _ index: Int) -> Value {
    let factor = reductions[index]
    guard factor > 1 else {
      return m.crossAttention(queries: x, keysAndValues: x, heads: heads[index], hasBias: hasQueryBias)
    }
    let map = m.convolution(
      "sr", x.asMap(grid), outputs: widths[index], kernel: Extent(factor), stride: Extent(factor))
    let reduced = m.layerNorm("norm", map.asTokens(), epsilon: mapEpsilon)
    return m.crossAttention(queries: x, keysAndValues: reduced, heads: heads[index], hasBias: hasQueryBias)
  }

  // MARK: Positions

  /// The position embeddings, resampled from the (square) grid that the model was trained on where this one differs.
  private func positionEmbedding(
    _ m: GraphBuilder, _ name: String, _ shape: Shape, _ grid: Extent, leading: Int
  ) -> Tensor {
    let wanted = shape.batched(1)
    guard m.convertsParameters, let found = m.parameterShape(name), found != wanted, found.rank == 3,
      found[2] == shape[1]
    else {
      return m.parameter(name, wanted)[0]
    }
    let side = Int(Double(max(0, found[1] - leading)).squareRoot().rounded())
    guard side > 0, side * side == found[1] - leading else { return m.parameter(name, wanted)[0] }
    return m.parameter(name, found)[0].resampledPositions(
      from: ImageSize(square: side), to: ImageSize(height: grid.height, width: grid.width), leading: leading,
      .bilinear)
  }
}

extension PyramidVisionTransformer {
  /// The paper's variants.
  static var variants: [ModelDescription] {
    let table = [
      ("pvt_tiny", [2, 2, 2, 2]), ("pvt_small", [3, 4, 6, 3]), ("pvt_medium", [3, 4, 18, 3]),
      ("pvt_large", [3, 8, 27, 3]),
    ]
    return table.map { name, blocks in
      ModelDescription(
        name, family: "PVT", PyramidVisionTransformer(blocks: blocks), .init(size: ImageSize(square: 224)))
    }
  }
}
