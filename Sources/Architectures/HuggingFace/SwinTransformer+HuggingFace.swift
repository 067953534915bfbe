import Checkpoints

extension SwinTransformer {
  /// The names of Swin and Swin V2, where a stage ends with the merging that ours begins with.
  static let huggingFaceDialects: [Dialect] = {
    let (stage, block) = ("encoder.layers.{stage}", "encoder.layers.{stage}.blocks.{i}")
    let parts = [
      ("layernorm_before", "norm1"), ("attention.output.dense", "attn.proj"), ("attention.o_proj", "attn.proj"),
      ("attention.q_proj", "attn.query"), ("attention.k_proj", "attn.key"), ("attention.v_proj", "attn.value"),
      ("attention", "attn"), ("attention.self", "attn"), ("attention.relative_position_bias", "attn"),
      ("attention.self.continuous_position_bias_mlp", "attn.cpb_mlp"),
      ("layernorm_after", "norm2"), ("intermediate.dense", "mlp.fc1"), ("output.dense", "mlp.fc2"),
      ("intermediate", "mlp.act"), ("mlp.activation_fn", "mlp.act"), ("mlp", "mlp"),
    ]
    return HuggingFaceNames(
      roots: ["swin", "swinv2"], signature: "encoder.layers.0.blocks.0.layernorm_before.weight",
      trunk: [
        ("embeddings.patch_embeddings.projection", "patch_embed.proj"), ("embeddings.norm", "patch_embed.norm"),
        ("embeddings.mask_token", "mask_token"), ("embeddings", "patch_embed"),
        ("\(stage).downsample", "layers.{stage+1}.downsample"), ("\(stage).blocks", "layers.{stage}.blocks"),
        (stage, "layers.{stage}"), ("encoder.layers", "layers"), (block, "layers.{stage}.blocks.{i}"),
        ("layernorm", "norm"), ("pooler", "head.global_pool"),
      ] + parts.map { ("\(block).\($0.0)", "layers.{stage}.blocks.{i}.\($0.1)") },
      head: [("classifier", "head.fc")], joined: [.attention], unneeded: ["mask_token"],
      layers: (0..<3).flatMap { stage in
        ["", ".downsample"].map { ("encoder.layers.\(stage)\($0)", "layers.\(stage + 1).downsample") }
      }
    ).dialects
  }()

  /// Swin or Swin V2 by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    try config.require("use_absolute_embeddings", .bool(false))
    let isSecond = config.family == "swinv2"
    let blocks = try config.depths("depths", otherwise: [2, 2, 6, 2])
    var model = SwinTransformer(blocks: blocks)
    model.version = isSecond ? .second : .first
    model.width = try config.dimension("embed_dim", otherwise: 96)
    model.patch = try config.dimension("patch_size", otherwise: 4)
    let widths = blocks.indices.map { model.width << $0 }
    model.heads = try config.heads("num_heads", of: widths, otherwise: [3, 6, 12, 24])
    model.window = try config.dimension("window_size", otherwise: 7)
    model.hiddenRatio = try config.number("mlp_ratio", in: 0.01...64, otherwise: 4)
    model.hasQueryBias = try config.flag("qkv_bias", otherwise: true)
    model.activation = try config.activation("hidden_act", otherwise: .gelu)
    model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-5)
    model.padsFirst = !isSecond
    if isSecond {
      let windows = try config.windows("pretrained_window_sizes", count: blocks.count)
      if windows.contains(where: { $0 > 0 }) {
        guard windows.allSatisfy({ $0 > 1 }) else {
          throw config.error("pretrained_window_sizes: expected all or none above 1")
        }
        model.firstWindows = windows
      }
    }
    return model
  }
}
