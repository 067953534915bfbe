import Checkpoints
import Images

extension ModelDescription {
  /// The families of transformers whose networks are known here, by their `model_type`.
  private static let huggingFaceFamilies: [String: @Sendable (inout HubConfiguration) throws -> any Architecture] = [
    "vit": VisionTransformer.huggingFace, "deit": VisionTransformer.huggingFace, "beit": VisionTransformer.huggingFace,
    "dinov2": VisionTransformer.huggingFace, "dinov2_with_registers": VisionTransformer.huggingFace,
    "swin": SwinTransformer.huggingFace, "swinv2": SwinTransformer.huggingFace,
    "convnext": ConvNeXt.huggingFace, "convnextv2": ConvNeXt.huggingFace, "resnet": ResNet.huggingFace,
    "pvt": PyramidVisionTransformer.huggingFace, "pvt_v2": PyramidVisionTransformerV2.huggingFace,
  ]

  /// The model of a configuration of Hugging Face's transformers.
  ///
  /// - Throws: `CheckpointError` for a family or a variant that is not known here, and for sizes that cannot be.
  static func huggingFace(_ config: inout HubConfiguration) throws -> ModelDescription {
    guard let family = huggingFaceFamilies[config.family] else {
      let known = huggingFaceFamilies.keys.sorted().joined(separator: ", ")
      throw config.error(
        "model_type \(config.family.quotedName): this network is not known here, of transformers' there are \(known)\(HubConfiguration.wayOut)"
      )
    }
    let architecture = try family(&config)
    var preprocessing = Preprocessing(size: ImageSize(square: 224), fit: .squash, interpolation: .bilinear)
    if ["vit", "beit"].contains(config.family) {
      (preprocessing.mean, preprocessing.standardDeviation) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    }
    return ModelDescription(config.family, family: HuggingFaceNames.library, architecture, preprocessing)
  }
}
