import Images

extension PyramidVisionTransformerV2 {
  /// timm's variants by name, and the small model that `Weights/` ships.
  static var variants: [ModelDescription] {
    let table: [(name: String, widths: [Int], blocks: [Int], ratios: [Int], isLinear: Bool)] = [
      ("b0", [32, 64, 160, 256], [2, 2, 2, 2], [8, 8, 4, 4], false),
      ("b1", [64, 128, 320, 512], [2, 2, 2, 2], [8, 8, 4, 4], false),
      ("b2", [64, 128, 320, 512], [3, 4, 6, 3], [8, 8, 4, 4], false),
      ("b2_li", [64, 128, 320, 512], [3, 4, 6, 3], [8, 8, 4, 4], true),
      ("b3", [64, 128, 320, 512], [3, 4, 18, 3], [8, 8, 4, 4], false),
      ("b4", [64, 128, 320, 512], [3, 8, 27, 3], [8, 8, 4, 4], false),
      ("b5", [64, 128, 320, 512], [3, 6, 40, 3], [4, 4, 4, 4], false),
    ]
    let published = table.map { row in
      ModelDescription(
        "pvt_v2_\(row.name)", family: "PVT v2",
        PyramidVisionTransformerV2(
          widths: row.widths, blocks: row.blocks, hiddenRatios: row.ratios, isLinear: row.isLinear),
        .init(size: ImageSize(square: 224), fit: .crop(fraction: 0.9)))
    }
    return published + [demonstration]
  }

  private static var demonstration: ModelDescription {
    ModelDescription(
      "demo_pvt_v2", family: "demonstration",
      PyramidVisionTransformerV2(
        widths: [24, 48, 96], blocks: [2, 2, 2], heads: [1, 2, 4], reductions: [4, 2, 1], hiddenRatios: [4, 4, 4]),
      .demonstration)
  }
}

extension PyramidVisionTransformerV2 {
  /// Hugging Face's names and those of the paper's own repository.
  public static let dialects =
    huggingFaceDialects + [
      Dialect(
        "the PVT repository", signature: "patch_embed1.proj.weight",
        [
          "patch_embed1": "patch_embed",
          "patch_embed{stage}": "stages.{stage-1}.downsample",
          "block{stage}": "stages.{stage-1}.blocks",
          "block{stage}.{i}.mlp.dwconv.dwconv": "stages.{stage-1}.blocks.{i}.mlp.dwconv",
          "norm{stage}": "stages.{stage-1}.norm",
        ])
    ]
}
