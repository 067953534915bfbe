import Images
import LayerGraph
import Tensors

/// The Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16×16 words") and its kin: DeiT with its
/// distillation token, DINOv2 with layer scale and registers, BEiT with biases for relative positions.
public struct VisionTransformer: Architecture {
  /// The side of a patch in pixels.
  var patch = 16
  /// The number of channels of a token.
  var width: Int
  /// The number of blocks.
  var depth = 12
  /// The number of attention heads of a block.
  var heads: Int
  /// The hidden layer of a block's perceptron, in multiples of `width`.
  var hiddenRatio = 4.0
  /// Whether a second token learns from a teacher (Touvron et al. 2021, DeiT).
  var isDistilled = false
  /// Tokens that only give attention a place to write to (Darcet et al. 2024).
  var registers = 0
  /// Which tokens have a position embedding.
  var positions = Positions.all
  /// How position embeddings of another grid are resampled.
  var positionFilter = PositionFilter.antialiasedBicubic
  /// Whether each block adds learned biases for relative positions to its scores (Bao et al. 2022, BEiT).
  var hasRelativeBias = false
  /// Whether queries, keys and values have a bias.
  var hasQueryBias = true
  /// Whether a learned factor scales each branch (Touvron et al. 2021, CaiT).
  var hasLayerScale = false
  /// The activation of a block's perceptron.
  var activation = Activation.gelu
  /// What layer normalisation adds to the variance.
  var epsilon: Float = 1e-6

  /// The tokens that position embeddings are added to.
  enum Positions: Sendable {
    case none, patches
    /// The class token and the patches, and not the registers between them.
    case classTokenAndPatches
    case all
  }

  /// See ``Architecture/recommendedLayer``. Measured, on real weights: the customary `blocks[-1].norm1` is scattered.
  public var recommendedLayer: LayerPath? = "blocks[-3].norm1"

  /// The tokens before the patches: class, distillation, registers.
  var leadingTokens: Int { (isDistilled ? 2 : 1) + registers }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["patch_embed.proj.weight", "blocks.0.norm1.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let patches = m.scope("patch_embed") { patchEmbedding(m, picture) }
    let grid = grid(of: picture)
    let tokens = embedded(m, patches, grid: grid)
    let encoded = m.sequence("blocks", count: depth, tokens) { _, x in block(m, x, grid) }
    return head(m, encoded)
  }

  private func patchEmbedding(_ m: GraphBuilder, _ picture: Value) -> Value {
    let map = m.convolution("proj", picture, outputs: width, kernel: Extent(patch), stride: Extent(patch))
    return map.reshaped(to: [width, map.shape[1] * map.shape[2]]).permuted(1, 0)
  }

  private func embedded(_ m: GraphBuilder, _ patches: Value, grid: ImageSize) -> Value {
    var leading = [m.constant("cls_token", m.parameter("cls_token", [1, 1, width])[0])]
    if isDistilled { leading.append(m.constant("dist_token", m.parameter("dist_token", [1, 1, width])[0])) }
    if registers > 0 {
      leading.append(m.constant("reg_token", m.parameter("reg_token", [1, registers, width])[0]))
    }
    if positions == .none { return m.scope("pos_drop") { m.concatenate("cat", leading + [patches], axis: 0) } }
    let covered = positions == .patches ? 0 : positions == .all ? leadingTokens : leadingTokens - registers
    let table = positionEmbedding(m, grid: grid, leading: covered)
    guard covered < leadingTokens else {
      let positions = m.constant("pos_embed", table)
      let joined = m.concatenate("cat", leading + [patches], axis: 0)
      return m.scope("pos_drop") { joined + positions }
    }
    if covered > 0 {
      let positions = m.constant("pos_embed_leading", table.samples(0..<covered))
      let first = covered == 1 ? leading[0] : m.concatenate("cat_leading", Array(leading[..<covered]), axis: 0)
      leading.replaceSubrange(..<covered, with: [first + positions])
    }
    let positions = m.constant("pos_embed", table.samples(covered..<table.shape[0]))
    let joined = m.concatenate("cat", leading + [patches + positions], axis: 0)
    return m.scope("pos_drop") { joined }
  }

  private func block(_ m: GraphBuilder, _ x: Value, _ grid: ImageSize) -> Value {
    let h = m.layerNorm("norm1", x, epsilon: epsilon)
    let attended = m.scope("attn") {
      let bias = hasRelativeBias ? relativeBias(m, grid: grid) : nil
      return m.selfAttention(h, heads: heads, hasBias: hasQueryBias, scoreBias: bias)
    }
    let x = x + scaled(m, "ls1", attended)
    let g = m.layerNorm("norm2", x, epsilon: epsilon)
    let hidden = Int((hiddenRatio * Double(width)).rounded())
    return x + scaled(m, "ls2", m.scope("mlp") { m.multilayerPerceptron(g, hidden: hidden, activation) })
  }

  private func scaled(_ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    hasLayerScale ? m.layerScale(name, x) : x
  }

  /// The classifier reads the class token; in models that pool (they have `fc_norm`), the mean of the patches; one of twice
  /// the width, as DINOv2's, reads both; distilled ones average the verdicts of both tokens.
  private func head(_ m: GraphBuilder, _ tokens: Value) -> Value {
    func mean(_ tokens: Value) -> Value { tokens.sliced(leadingTokens..<tokens.shape[0], axis: 0).mean(axis: 0) }
    if m.hasParameter("fc_norm.weight") {
      return m.classifier("head", m.layerNorm("fc_norm", mean(tokens), epsilon: epsilon))
    }
    let normed = m.layerNorm("norm", tokens, epsilon: epsilon)
    if m.parameterShape("head.weight").map({ $0.rank == 2 && $0[1] == 2 * width }) == true {
      return m.classifier("head", m.concatenate("head_cat", [normed.selected(0), mean(normed)], axis: 0))
    }
    let verdict = m.classifier("head", normed.selected(0))
    // Whoever fine-tunes a distilled model may read its class token only.
    guard isDistilled, m.hasParameter("head_dist.weight") || !m.hasParameter("head.weight") else { return verdict }
    return (verdict + m.classifier("head_dist", normed.selected(1))) * 0.5
  }

  // MARK: Positions

  private func grid(of picture: Value) -> ImageSize {
    ImageSize(height: max(1, picture.shape[1] / patch), width: max(1, picture.shape[2] / patch))
  }

  /// The position embeddings, resampled from the (square) grid that the model was trained on where this one differs.
  private func positionEmbedding(_ m: GraphBuilder, grid: ImageSize, leading: Int) -> Tensor {
    let wanted: Shape = [1, leading + grid.count, width]
    guard m.convertsParameters, let found = m.parameterShape("pos_embed"), found != wanted, found.rank == 3,
      found[2] == width
    else {
      return m.parameter("pos_embed", wanted)[0]
    }
    let side = Int(Double(max(0, found[1] - leading)).squareRoot().rounded())
    guard side > 0, side * side == found[1] - leading else { return m.parameter("pos_embed", wanted)[0] }
    return m.parameter("pos_embed", found)[0]
      .resampledPositions(from: ImageSize(square: side), to: grid, leading: leading, positionFilter)
  }

  /// The biases of relative positions as heads×L×L. A table has a row for each offset of two patches, row by row, and behind
  /// them three: from the class token to a patch, from a patch to it, from it to itself.
  private func relativeBias(_ m: GraphBuilder, grid: ImageSize) -> Value {
    let (height, width) = (grid.height, grid.width)
    let offsets = (2 * height - 1) * (2 * width - 1)
    let table = m.parameter("relative_position_bias_table", [offsets + 3, heads])
    m.ignoreParameter("relative_position_index")
    let tokens = grid.count + 1
    let bias = Tensor(unfilled: [heads, tokens, tokens]) { result in
      table.withScalars { table in
        for from in 0..<tokens {
          for to in 0..<tokens {
            let row: Int
            switch (from, to) {
            case (0, 0): row = offsets + 2
            case (0, _): row = offsets
            case (_, 0): row = offsets + 1
            default:
              let (y, x) = ((from - 1) / width - (to - 1) / width, (from - 1) % width - (to - 1) % width)
              row = (y + height - 1) * (2 * width - 1) + x + width - 1
            }
            for head in 0..<heads { result[(head * tokens + from) * tokens + to] = table[row * heads + head] }
          }
        }
      }
    }
    return m.constant("relative_position_bias", bias)
  }
}
