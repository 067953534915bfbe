import Checkpoints

extension PyramidVisionTransformerV2 {
  /// The names of PVT v2.
  static let huggingFaceDialects: [Dialect] = {
    let (stage, block) = ("encoder.layers.{stage}", "encoder.layers.{stage}.blocks.{i}")
    let parts = [
      ("layer_norm_1", "norm1"), ("attention", "attn"), ("attention.query", "attn.q"),
      ("attention.spatial_reduction", "attn.sr"), ("attention.layer_norm", "attn.norm"),
      ("layer_norm_2", "norm2"), ("mlp.dense1", "mlp.fc1"), ("mlp.dwconv.dwconv", "mlp.dwconv"),
      ("mlp.intermediate_act_fn", "mlp.act"), ("mlp.dense2", "mlp.fc2"), ("mlp", "mlp"),
    ]
    return HuggingFaceNames(
      roots: ["pvt_v2"], signature: "encoder.layers.0.blocks.0.layer_norm_1.weight",
      trunk: [
        ("encoder.layers.0.patch_embedding.layer_norm", "patch_embed.norm"),
        ("encoder.layers.0.patch_embedding", "patch_embed"),
        ("\(stage).patch_embedding.layer_norm", "stages.{stage}.downsample.norm"),
        ("\(stage).patch_embedding", "stages.{stage}.downsample"), ("\(stage).layer_norm", "stages.{stage}.norm"),
        ("\(stage).blocks", "stages.{stage}.blocks"), (stage, "stages.{stage}"), ("encoder.layers", "stages"),
        (block, "stages.{stage}.blocks.{i}"),
      ] + parts.map { ("\(block).\($0.0)", "stages.{stage}.blocks.{i}.\($0.1)") },
      head: [("classifier", "head")], joined: [.keysAndValues]
    ).dialects
  }()

  /// As transformers write it: one small number for all of its normalisations.
  public func written(in dialect: String) -> any Architecture {
    guard dialect == HuggingFaceNames.library else { return self }
    var result = self
    result.mapEpsilon = result.epsilon
    return result
  }

  /// PVT v2 by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    let blocks = try config.depths("depths", otherwise: [2, 2, 2, 2])
    var model = PyramidVisionTransformerV2(blocks: blocks)
    model.widths = try config.dimensions("hidden_sizes", count: blocks.count, otherwise: [32, 64, 160, 256])
    model.reductions = try config.dimensions("sr_ratios", count: blocks.count, otherwise: [8, 4, 2, 1])
    model.heads = try config.heads("num_attention_heads", of: model.widths, otherwise: [1, 2, 5, 8])
    model.hiddenRatios = try config.dimensions("mlp_ratios", count: blocks.count, otherwise: [8, 8, 4, 4])
    model.isLinear = try config.flag("linear_attention", otherwise: false)
    let later = blocks.count - 1
    try config.require("patch_sizes", [7] + Array(repeating: 3, count: later))
    try config.require("strides", [4] + Array(repeating: 2, count: later))
    model.hasQueryBias = try config.flag("qkv_bias", otherwise: true)
    model.activation = try config.activation("hidden_act", otherwise: .gelu)
    model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-6)
    model.mapEpsilon = model.epsilon
    return model
  }
}
