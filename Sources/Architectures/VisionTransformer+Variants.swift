import Images

extension VisionTransformer {
  /// The sizes of the papers: channels, blocks and heads.
  private static let sizes: [(name: String, width: Int, depth: Int, heads: Int)] = [
    ("tiny", 192, 12, 3), ("small", 384, 12, 6), ("base", 768, 12, 12), ("large", 1024, 24, 16),
    ("huge", 1280, 32, 16),
  ]

  private static func sized(_ name: String) -> VisionTransformer {
    guard let size = sizes.first(where: { $0.name == name }) else { preconditionFailure("no size \(name)") }
    return VisionTransformer(width: size.width, depth: size.depth, heads: size.heads)
  }

  /// timm's and torchvision's variants by name.
  static var variants: [ModelDescription] {
    vit + deit + deit3 + dinov2 + torchvision + [demonstration]
  }

  /// `vit_base_patch16_224`: timm's, trained on ImageNet-21k with mean and standard deviation 0.5.
  private static var vit: [ModelDescription] {
    let table: [(size: String, patches: [Int], resolutions: [Int])] = [
      ("tiny", [16], [224, 384]), ("small", [8, 14, 16, 32], [224, 384]), ("base", [8, 14, 16, 32], [224, 384]),
      ("large", [14, 16, 32], [224, 384]), ("huge", [14], [224]),
    ]
    return table.flatMap { row in
      row.patches.flatMap { patch in
        row.resolutions.map { side in
          var model = sized(row.size)
          model.patch = patch
          return ModelDescription(
            "vit_\(row.size)_patch\(patch)_\(side)", family: "ViT", model,
            .init(
              size: ImageSize(square: side), fit: .crop(fraction: side > 224 ? 1 : 0.9), mean: [0.5, 0.5, 0.5],
              standardDeviation: [0.5, 0.5, 0.5]))
        }
      }
    }
  }

  /// `deit_small_distilled_patch16_224` and the like.
  private static var deit: [ModelDescription] {
    let table: [(size: String, isDistilled: Bool, side: Int)] = [
      ("tiny", false, 224), ("small", false, 224), ("base", false, 224), ("base", false, 384),
      ("tiny", true, 224), ("small", true, 224), ("base", true, 224), ("base", true, 384),
    ]
    return table.map { row in
      var model = sized(row.size)
      model.isDistilled = row.isDistilled
      return ModelDescription(
        "deit_\(row.size)_\(row.isDistilled ? "distilled_" : "")patch16_\(row.side)", family: "DeiT", model,
        .init(size: ImageSize(square: row.side), fit: .crop(fraction: row.side > 224 ? 1 : 0.9)))
    }
  }

  /// DeiT III (Touvron et al. 2022): layer scale, and no position for the class token.
  private static var deit3: [ModelDescription] {
    let table: [(size: String, patch: Int, side: Int)] = [
      ("small", 16, 224), ("small", 16, 384), ("base", 16, 224), ("base", 16, 384), ("large", 16, 224),
      ("large", 16, 384), ("huge", 14, 224),
    ]
    return table.map { row in
      var model = sized(row.size)
      model.patch = row.patch
      model.hasLayerScale = true
      model.positions = .patches
      return ModelDescription(
        "deit3_\(row.size)_patch\(row.patch)_\(row.side)", family: "DeiT", model,
        .init(size: ImageSize(square: row.side), fit: .crop(fraction: row.side > 224 ? 1 : 0.9)))
    }
  }

  /// DINOv2 (Oquab et al. 2023), with registers or without.
  private static var dinov2: [ModelDescription] {
    ["small", "base", "large"].flatMap { size in
      [0, 4].map { registers in
        var model = sized(size)
        model.patch = 14
        model.hasLayerScale = true
        model.registers = registers
        model.positions = registers == 0 ? .all : .patches
        return ModelDescription(
          "vit_\(size)_patch14_\(registers > 0 ? "reg4_" : "")dinov2", family: "DINOv2", model,
          .init(size: ImageSize(square: 518), fit: .crop(fraction: 1)))
      }
    }
  }

  /// torchvision's `vit_b_16` and the like.
  private static var torchvision: [ModelDescription] {
    let table = [
      ("vit_b_16", "base", 16), ("vit_b_32", "base", 32), ("vit_l_16", "large", 16), ("vit_l_32", "large", 32),
      ("vit_h_14", "huge", 14),
    ]
    return table.map { name, size, patch in
      var model = sized(size)
      model.patch = patch
      return ModelDescription(
        name, family: "ViT", model, .init(size: ImageSize(square: 224), interpolation: .bilinear))
    }
  }

  /// The small model that `Weights/` ships.
  private static var demonstration: ModelDescription {
    ModelDescription(
      "demo_vit", family: "demonstration",
      VisionTransformer(
        patch: 8, width: 96, depth: 6, heads: 3, hiddenRatio: 2, recommendedLayer: "blocks[-1].norm1"),
      .demonstration)
  }
}

extension VisionTransformer {
  /// Hugging Face's names and torchvision's.
  public static let dialects =
    huggingFaceDialects + [
      Dialect(
        "torchvision", signature: "encoder.pos_embedding",
        [
          "class_token": "cls_token",
          "conv_proj": "patch_embed.proj",
          "encoder.pos_embedding": "pos_embed",
          "encoder.layers.encoder_layer_{i}.ln_1": "blocks.{i}.norm1",
          "encoder.layers.encoder_layer_{i}.self_attention.in_proj_weight": "blocks.{i}.attn.qkv.weight",
          "encoder.layers.encoder_layer_{i}.self_attention.in_proj_bias": "blocks.{i}.attn.qkv.bias",
          "encoder.layers.encoder_layer_{i}.self_attention.out_proj": "blocks.{i}.attn.proj",
          "encoder.layers.encoder_layer_{i}.self_attention": "blocks.{i}.attn",
          "encoder.layers.encoder_layer_{i}.ln_2": "blocks.{i}.norm2",
          "encoder.layers.encoder_layer_{i}.mlp.0": "blocks.{i}.mlp.fc1",
          "encoder.layers.encoder_layer_{i}.mlp.1": "blocks.{i}.mlp.act",
          "encoder.layers.encoder_layer_{i}.mlp.3": "blocks.{i}.mlp.fc2",
          "encoder.layers.encoder_layer_{i}.mlp.linear_1": "blocks.{i}.mlp.fc1",
          "encoder.layers.encoder_layer_{i}.mlp.linear_2": "blocks.{i}.mlp.fc2",
          "encoder.layers.encoder_layer_{i}.mlp": "blocks.{i}.mlp",
          "encoder.layers.encoder_layer_{i}": "blocks.{i}",
          "encoder.layers": "blocks",
          "encoder.ln": "norm",
          "heads.head": "head",
        ])
    ]
}
