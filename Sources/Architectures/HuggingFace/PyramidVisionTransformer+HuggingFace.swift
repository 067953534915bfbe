import Checkpoints

extension PyramidVisionTransformer {
  /// The names of PVT.
  static let huggingFaceDialects: [Dialect] = {
    let (patches, block) = ("encoder.patch_embeddings.{stage}", "encoder.block.{stage}.{i}")
    let parts = [
      ("layer_norm_1", "norm1"), ("attention", "attn"), ("attention.self", "attn"),
      ("attention.self.query", "attn.q"), ("attention.self.sequence_reduction", "attn.sr"),
      ("attention.self.layer_norm", "attn.norm"), ("attention.output.dense", "attn.proj"), ("layer_norm_2", "norm2"),
      ("mlp.dense1", "mlp.fc1"), ("mlp.intermediate_act_fn", "mlp.act"), ("mlp.dense2", "mlp.fc2"), ("mlp", "mlp"),
    ]
    return HuggingFaceNames(
      roots: ["pvt"], signature: "encoder.block.0.0.layer_norm_1.weight",
      trunk: [
        ("\(patches).projection", "patch_embed{stage+1}.proj"), ("\(patches).layer_norm", "patch_embed{stage+1}.norm"),
        ("\(patches).position_embeddings", "pos_embed{stage+1}"), ("encoder.patch_embeddings.3.cls_token", "cls_token"),
        (patches, "pos_drop{stage+1}"), ("encoder.block.{stage}", "block{stage+1}"), (block, "block{stage+1}.{i}"),
        ("encoder.layer_norm", "norm"),
      ] + parts.map { ("\(block).\($0.0)", "block{stage+1}.{i}.\($0.1)") },
      head: [("classifier", "head")], joined: [.keysAndValues]
    ).dialects
  }()

  /// The names of other libraries.
  public static let dialects = huggingFaceDialects

  /// As transformers write it: one small number for all of its normalisations.
  public func written(in dialect: String) -> any Architecture {
    guard dialect == HuggingFaceNames.library else { return self }
    var result = self
    result.mapEpsilon = result.epsilon
    return result
  }

  /// PVT by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    let blocks = try config.depths("depths", otherwise: [2, 2, 2, 2])
    var model = PyramidVisionTransformer(blocks: blocks)
    model.widths = try config.dimensions("hidden_sizes", count: blocks.count, otherwise: [64, 128, 320, 512])
    model.patches = try config.dimensions("patch_sizes", count: blocks.count, otherwise: [4, 2, 2, 2])
    model.reductions = try config.dimensions(
      "sequence_reduction_ratios", count: blocks.count, otherwise: [8, 4, 2, 1])
    model.heads = try config.heads("num_attention_heads", of: model.widths, otherwise: [1, 2, 5, 8])
    model.hiddenRatios = try config.dimensions("mlp_ratios", count: blocks.count, otherwise: [8, 8, 4, 4])
    try config.require("strides", model.patches)
    model.hasQueryBias = try config.flag("qkv_bias", otherwise: true)
    model.activation = try config.activation("hidden_act", otherwise: .gelu)
    model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-6)
    model.mapEpsilon = model.epsilon
    return model
  }
}
