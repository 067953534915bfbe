import Checkpoints

extension ConvNeXt {
  /// The names of ConvNeXt and its second version.
  static let huggingFaceDialects: [Dialect] = {
    let (stage, block) = ("encoder.stages.{stage}", "encoder.stages.{stage}.layers.{i}")
    let parts = [
      ("dwconv", "conv_dw"), ("layernorm", "norm"), ("pwconv1", "mlp.fc1"), ("act", "mlp.act"), ("grn", "mlp.grn"),
      ("pwconv2", "mlp.fc2"), ("layer_scale_parameter", "gamma"),
    ]
    return HuggingFaceNames(
      roots: ["convnext", "convnextv2"], signature: "encoder.stages.0.layers.0.dwconv.weight",
      trunk: [
        ("embeddings.patch_embeddings", "stem.0"), ("embeddings.layernorm", "stem.1"), ("embeddings", "stem"),
        ("\(stage).downsampling_layer", "stages.{stage}.downsample"), ("\(stage).layers", "stages.{stage}.blocks"),
        (stage, "stages.{stage}"), ("encoder.stages", "stages"), (block, "stages.{stage}.blocks.{i}"),
        ("layernorm", "head.norm"),
      ] + parts.map { ("\(block).\($0.0)", "stages.{stage}.blocks.{i}.\($0.1)") },
      head: [("classifier", "head.fc")]
    ).dialects
  }()

  /// As transformers write it: their own small number in the last normalisation.
  public func written(in dialect: String) -> any Architecture {
    guard dialect == HuggingFaceNames.library else { return self }
    var result = self
    result.epsilon = 1e-12
    return result
  }

  /// ConvNeXt or ConvNeXt V2 by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    let blocks = try config.depths("depths", otherwise: [3, 3, 9, 3])
    let channels = try config.dimensions("hidden_sizes", count: blocks.count, otherwise: [96, 192, 384, 768])
    var model = ConvNeXt(blocks: blocks, channels: channels)
    model.patch = try config.dimension("patch_size", otherwise: 4)
    model.activation = try config.activation("hidden_act", otherwise: .gelu)
    model.epsilon = try config.epsilon("layer_norm_eps", otherwise: 1e-12)
    if config.family == "convnextv2" {
      model.normalizesResponse = true
    } else if try config.number("layer_scale_init_value", in: -1e6...1e6, otherwise: 1e-6) <= 0 {
      throw config.error("layer_scale_init_value: blocks without a layer scale are not known here")
    }
    return model
  }
}
