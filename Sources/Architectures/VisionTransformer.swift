import Images
import LayerGraph
import Tensors

/// The Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16×16 words") and its kin: DeiT with its
/// distillation token, DINOv2 with layer scale and registers.
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
  var hiddenRatio = 4
  /// Whether a second token learns from a teacher (Touvron et al. 2021, DeiT).
  var isDistilled = false
  /// Tokens that only give attention a place to write to (Darcet et al. 2024).
  var registers = 0
  /// Whether the position embeddings cover the class token too.
  var embedsClassToken = true
  /// Whether a learned factor scales each branch (Touvron et al. 2021, CaiT).
  var hasLayerScale = false

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
    let tokens = embedded(m, patches, grid: grid(of: picture))
    let encoded = m.sequence("blocks", count: depth, tokens) { _, x in block(m, x) }
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
    let covered = embedsClassToken ? leadingTokens : 0
    let positions = m.constant("pos_embed", positionEmbedding(m, grid: grid, leading: covered))
    let tokens = leading + [covered > 0 ? patches : patches + positions]
    let joined = m.concatenate("cat", tokens, axis: 0)
    return m.scope("pos_drop") { covered > 0 ? joined + positions : joined }
  }

  private func block(_ m: GraphBuilder, _ x: Value) -> Value {
    let h = m.layerNorm("norm1", x)
    let x = x + scaled(m, "ls1", m.scope("attn") { m.selfAttention(h, heads: heads) })
    let g = m.layerNorm("norm2", x)
    return x + scaled(m, "ls2", m.scope("mlp") { m.multilayerPerceptron(g, hidden: hiddenRatio * width) })
  }

  private func scaled(_ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    hasLayerScale ? m.layerScale(name, x) : x
  }

  /// The classifier reads the class token; in models that pool (they have `fc_norm`), the mean of the patches; distilled
  /// ones average the verdicts of both tokens.
  private func head(_ m: GraphBuilder, _ tokens: Value) -> Value {
    if m.hasParameter("fc_norm.weight") {
      let pooled = tokens.sliced(leadingTokens..<tokens.shape[0], axis: 0).mean(axis: 0)
      return m.classifier("head", m.layerNorm("fc_norm", pooled))
    }
    let normed = m.layerNorm("norm", tokens)
    let verdict = m.classifier("head", normed.selected(0))
    guard isDistilled else { return verdict }
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
      .resampledPositions(from: ImageSize(square: side), to: grid, leading: leading)
  }
}
