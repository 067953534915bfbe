import Checkpoints
import Images

extension SwinTransformer {
  /// The sizes of the papers: channels, blocks and heads.
  private static let sizes: [String: (width: Int, blocks: [Int], heads: [Int])] = [
    "tiny": (96, [2, 2, 6, 2], [3, 6, 12, 24]), "small": (96, [2, 2, 18, 2], [3, 6, 12, 24]),
    "base": (128, [2, 2, 18, 2], [4, 8, 16, 32]), "large": (192, [2, 2, 18, 2], [6, 12, 24, 48]),
  ]

  private static func sized(_ name: String, _ version: Version, window: Int) -> SwinTransformer {
    guard let size = sizes[name] else { preconditionFailure("no size \(name)") }
    return SwinTransformer(
      version: version, width: size.width, blocks: size.blocks, heads: size.heads, window: window)
  }

  /// timm's and torchvision's variants by name, and the small model that `Weights/` ships.
  static var variants: [ModelDescription] {
    first + second + torchvision + [demonstration]
  }

  /// `swin_tiny_patch4_window7_224` and the like.
  private static var first: [ModelDescription] {
    let table = [
      ("tiny", 7, 224), ("small", 7, 224), ("base", 7, 224), ("base", 12, 384), ("large", 7, 224), ("large", 12, 384),
    ]
    return table.map { size, window, side in
      ModelDescription(
        "swin_\(size)_patch4_window\(window)_\(side)", family: "Swin",
        sized(size, .first, window: window),
        .init(size: ImageSize(square: side), fit: .crop(fraction: side > 224 ? 1 : 0.9)))
    }
  }

  /// `swinv2_tiny_window8_256` and the like; `window12to16_192to256` was trained on windows of 12 first.
  private static var second: [ModelDescription] {
    let table = [
      ("tiny", "8_256", 8, 256), ("tiny", "16_256", 16, 256), ("small", "8_256", 8, 256), ("small", "16_256", 16, 256),
      ("base", "8_256", 8, 256), ("base", "16_256", 16, 256), ("base", "12_192", 12, 192),
      ("base", "12to16_192to256", 16, 256), ("base", "12to24_192to384", 24, 384), ("large", "12_192", 12, 192),
      ("large", "12to16_192to256", 16, 256), ("large", "12to24_192to384", 24, 384),
    ]
    return table.map { size, name, window, side in
      var model = sized(size, .second, window: window)
      if name.contains("to") { model.firstWindows = [12, 12, 12, 6] }
      return ModelDescription(
        "swinv2_\(size)_window\(name)", family: "Swin v2", model,
        .init(size: ImageSize(square: side), fit: .crop(fraction: side > 256 ? 1 : 0.9)))
    }
  }

  /// torchvision's `swin_t`, `swin_v2_t` and the like, with the sizes that its pictures are resized to.
  private static var torchvision: [ModelDescription] {
    let table: [(name: String, size: String, version: Version, resized: Double)] = [
      ("swin_t", "tiny", .first, 232), ("swin_s", "small", .first, 246), ("swin_b", "base", .first, 238),
      ("swin_v2_t", "tiny", .second, 260), ("swin_v2_s", "small", .second, 260), ("swin_v2_b", "base", .second, 272),
    ]
    return table.map { row in
      let (window, side) = row.version == .first ? (7, 224) : (8, 256)
      var model = sized(row.size, row.version, window: window)
      model.padsFirst = true
      return ModelDescription(
        row.name, family: row.version == .first ? "Swin" : "Swin v2", model,
        .init(size: ImageSize(square: side), fit: .crop(fraction: Double(side) / row.resized)))
    }
  }

  private static var demonstration: ModelDescription {
    ModelDescription(
      "demo_swin", family: "demonstration",
      SwinTransformer(width: 24, blocks: [2, 2, 4], heads: [1, 2, 4], window: 6), .demonstration)
  }
}

extension SwinTransformer {
  /// Hugging Face's names, torchvision's, and those of the papers' own repository, where a stage ends with the merging that
  /// ours begins with.
  public static let dialects =
    huggingFaceDialects + [
      Dialect("torchvision", signature: "features.0.0.weight", torchvisionNames),
      Dialect(
        "the Swin repository", signature: "layers.0.downsample.reduction.weight",
        ["layers.{stage}.downsample": "layers.{stage+1}.downsample", "head": "head.fc"]),
    ]

  /// torchvision counts patch embedding, stages and mergings in one row, and its attention gives the joined map.
  private static var torchvisionNames: KeyMap {
    let stages = (0..<4).flatMap { stage -> [(pattern: String, replacement: String)] in
      let (block, ours) = ("features.\(2 * stage + 1).{i}", "layers.\(stage).blocks.{i}")
      let parts = ["qkv", "proj", "logit_scale", "cpb_mlp"]
      let tables = ["relative_position_bias_table", "relative_position_index", "relative_coords_table"]
      return [
        ("features.\(2 * stage + 1)", "layers.\(stage).blocks"), (block, ours),
        ("\(block).mlp.0", "\(ours).mlp.fc1"), ("\(block).mlp.1", "\(ours).mlp.act"),
        ("\(block).mlp.3", "\(ours).mlp.fc2"), ("\(block).stochastic_depth", "\(ours).drop_path1"),
        ("\(block).attn", "\(ours).windows_joined"), ("\(block).attn.windows", "\(ours).attn"),
        ("features.\(2 * stage + 2)", "layers.\(stage + 1).downsample"),
      ] + (parts + tables).map { ("\(block).attn.\($0)", "\(ours).attn.\($0)") }
    }
    return KeyMap(
      [
        ("features.0.0", "patch_embed.proj"), ("features.0.2", "patch_embed.norm"), ("features.0", "patch_embed"),
        ("head", "head.fc"),
      ] + stages)
  }
}
