import Checkpoints

extension VisionTransformer {
  /// The names of ViT, DeiT, DINOv2 and BEiT: as files have them (`encoder.layer.0`), and as transformers 5 calls its layers
  /// (`layers.0`). Those with a root go first: without one, ViT's are found in BEiT too.
  static let huggingFaceDialects: [Dialect] = {
    let beit = [("beit.pooler.layernorm", "fc_norm")]
    let all =
      names(["beit"], layers: "encoder.layer", signature: "lambda_1", head: beit)
      + names(["beit"], layers: "layers", signature: "lambda_1", head: beit)
      + names(["dinov2", "dinov2_with_registers"], layers: "encoder.layer", signature: "norm1.weight")
      + names(["vit", "deit"], layers: "encoder.layer", signature: "layernorm_before.weight")
      + names(["vit", "deit"], layers: "layers", signature: "layernorm_before.weight")
    return all.filter { $0.root != "" } + all.filter { $0.root == "" }
  }()

  /// - Parameters:
  ///   - layers: what the blocks are called.
  ///   - signature: a parameter of a block.
  private static func names(
    _ roots: [String], layers: String, signature: String, head: [(theirs: String, ours: String)] = []
  ) -> [Dialect] {
    let block = "\(layers).{i}"
    let parts = [
      ("layernorm_before", "norm1"), ("norm1", "norm1"),
      ("attention.output.dense", "attn.proj"), ("attention.o_proj", "attn.proj"),
      ("attention.q_proj", "attn.query"), ("attention.k_proj", "attn.key"), ("attention.v_proj", "attn.value"),
      ("attention", "attn"), ("attention.attention", "attn"),
      ("attention.attention.relative_position_bias", "attn"), ("relative_position_bias", "attn"),
      ("layer_scale1", "ls1"), ("layer_scale1.lambda1", "ls1.gamma"), ("lambda_1", "ls1.gamma"),
      ("layernorm_after", "norm2"), ("norm2", "norm2"),
      ("intermediate.dense", "mlp.fc1"), ("output.dense", "mlp.fc2"), ("intermediate", "mlp.act"), ("mlp", "mlp"),
      ("mlp.activation_fn", "mlp.act"), ("mlp.activation", "mlp.act"),
      ("layer_scale2", "ls2"), ("layer_scale2.lambda1", "ls2.gamma"), ("lambda_2", "ls2.gamma"),
    ]
    return HuggingFaceNames(
      roots: roots, signature: "\(layers).0.\(signature)",
      trunk: [
        ("embeddings.cls_token", "cls_token"), ("embeddings.distillation_token", "dist_token"),
        ("embeddings.register_tokens", "reg_token"), ("embeddings.position_embeddings", "pos_embed"),
        ("embeddings.mask_token", "mask_token"),
        ("embeddings.patch_embeddings.projection", "patch_embed.proj"), ("embeddings.patch_embeddings", "patch_embed"),
        ("embeddings", "pos_drop"), ("layernorm", "norm"), (block, "blocks.{i}"), (layers, "blocks"),
      ] + parts.map { ("\(block).\($0.0)", "blocks.{i}.\($0.1)") },
      head: head + [
        ("classifier", "head"), ("cls_classifier", "head"), ("distillation_classifier", "head_dist"),
      ],
      joined: [.attention], unneeded: ["mask_token", "pooler.dense.weight", "pooler.dense.bias"]
    ).dialects
  }

  /// As transformers write it: its own small number in layer normalisation, and its own filter for position embeddings.
  public func written(in dialect: String) -> any Architecture {
    guard dialect == HuggingFaceNames.library else { return self }
    var result = self
    let isDINO = patch == 14 && hasLayerScale
    result.epsilon = isDINO ? 1e-6 : 1e-12
    result.positionFilter = isDINO && registers > 0 ? .antialiasedBicubic : .bicubic
    if registers > 0 { result.positions = .classTokenAndPatches }
    return result
  }

  /// ViT, DeiT, DINOv2 or BEiT by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    let width = try config.dimension("hidden_size", otherwise: 768)
    let depth = try config.depth("num_hidden_layers", otherwise: 12)
    let heads = try config.heads("num_attention_heads", of: width, otherwise: 12)
    var model = VisionTransformer(width: width, depth: depth, heads: heads)
    model.patch = try config.dimension("patch_size", otherwise: config.family.hasPrefix("dinov2") ? 14 : 16)
    model.activation = try config.activation("hidden_act", otherwise: .gelu)
    model.hasQueryBias = try config.flag("qkv_bias", otherwise: true)
    model.positionFilter = .bicubic
    if depth < 3 { model.recommendedLayer = "blocks[-1].norm1" }
    switch config.family {
    case "dinov2", "dinov2_with_registers":
      try config.require("use_swiglu_ffn", .bool(false))
      model.hiddenRatio = try config.number("mlp_ratio", in: 0.01...64, otherwise: 4)
      model.hasLayerScale = true
      model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-6)
      guard config.family == "dinov2_with_registers" else { break }
      model.registers = try config.dimension("num_register_tokens", otherwise: 4)
      model.positions = .classTokenAndPatches
      model.positionFilter = .antialiasedBicubic
    default:
      let hidden = try config.dimension("intermediate_size", otherwise: 3072)
      model.hiddenRatio = Double(hidden) / Double(width)
      model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-12)
    }
    if config.family == "deit" { model.isDistilled = true }
    if config.family == "beit" {
      try config.require("use_shared_relative_position_bias", .bool(false))
      let isScaled = try config.number("layer_scale_init_value", in: -1e6...1e6, otherwise: 0.1) > 0
      model.hasLayerScale = isScaled
      model.hasRelativeBias = try config.flag("use_relative_position_bias", otherwise: false)
      model.positions = try config.flag("use_absolute_position_embeddings", otherwise: false) ? .all : .none
    }
    return model
  }
}
