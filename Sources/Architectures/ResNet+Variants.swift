import Images

extension ResNet {
  /// timm's and torchvision's variants by name.
  static var variants: [ModelDescription] {
    residual + grouped + [demonstration]
  }

  /// `resnet18` to `resnet152`. The crop fractions are those of timm's default weights.
  private static var residual: [ModelDescription] {
    let table: [(name: String, block: Block, blocks: [Int])] = [
      ("resnet18", .basic, [2, 2, 2, 2]), ("resnet34", .basic, [3, 4, 6, 3]), ("resnet26", .bottleneck, [2, 2, 2, 2]),
      ("resnet50", .bottleneck, [3, 4, 6, 3]), ("resnet101", .bottleneck, [3, 4, 23, 3]),
      ("resnet152", .bottleneck, [3, 8, 36, 3]),
    ]
    return table.map { row in
      ModelDescription(
        row.name, family: "ResNet", ResNet(block: row.block, blocks: row.blocks),
        .init(size: ImageSize(square: 224), fit: .crop(fraction: 0.95)))
    }
  }

  /// Wide ResNet and ResNeXt: more or wider groups inside the bottlenecks.
  private static var grouped: [ModelDescription] {
    let table: [(name: String, blocks: [Int], groups: Int, groupWidth: Int)] = [
      ("wide_resnet50_2", [3, 4, 6, 3], 1, 128), ("wide_resnet101_2", [3, 4, 23, 3], 1, 128),
      ("resnext50_32x4d", [3, 4, 6, 3], 32, 4), ("resnext101_32x4d", [3, 4, 23, 3], 32, 4),
      ("resnext101_32x8d", [3, 4, 23, 3], 32, 8), ("resnext101_32x16d", [3, 4, 23, 3], 32, 16),
      ("resnext101_64x4d", [3, 4, 23, 3], 64, 4),
    ]
    return table.map { row in
      ModelDescription(
        row.name, family: row.groups == 1 ? "Wide ResNet" : "ResNeXt",
        ResNet(blocks: row.blocks, groups: row.groups, groupWidth: row.groupWidth),
        .init(size: ImageSize(square: 224), fit: .crop(fraction: row.groups == 1 ? 0.875 : 0.95)))
    }
  }

  /// The small model that `Weights/` ships.
  private static var demonstration: ModelDescription {
    ModelDescription(
      "demo_resnet", family: "demonstration",
      ResNet(
        block: .basic, blocks: [1, 1, 1, 1], channels: [24, 48, 96, 192], outputStride: 8,
        recommendedLayer: "layer3[-1]"),
      .demonstration)
  }
}

extension ResNet {
  /// Hugging Face's names, and those that `nn.Sequential` of its children gives, as in
  /// `nn.Sequential(*list(model.children())[:-1])`.
  public static let dialects =
    huggingFaceDialects + [
      Dialect(
        "an nn.Sequential of the children", signature: "4.0.conv1.weight",
        ["0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"],
        layers: [("2", "act1"), ("3", "maxpool"), ("8", "global_pool")])
    ]
}
