import Images

extension MobileNetV2 {
  /// timm's variants, torchvision's `mobilenet_v2`, and `mobilenetv2_100_same` with the padding that models converted from
  /// TensorFlow were trained with (their names and shapes are those of `mobilenetv2_100`).
  static var variants: [ModelDescription] {
    timm + [torchvision, tensorFlow]
  }

  /// The paper's table 2.
  private static let rows = [
    MobileRow(.separable, outputs: 16),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 24, repeats: 2),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 32, repeats: 3),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 64, repeats: 4),
    MobileRow(.inverted, expansion: 6, outputs: 96, repeats: 3),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 160, repeats: 3),
    MobileRow(.inverted, expansion: 6, outputs: 320),
  ]

  /// All channels multiplied by `width`.
  private init(width: Double) {
    trunk = MobileTrunk(
      stem: MobileRow.divisible(32 * width), stages: Self.rows.map { [$0.scaled(width: width)] }, activation: .relu6)
    self.width = max(1280, MobileRow.divisible(1280 * width))
  }

  /// More blocks too, in all stages but the first and the last; stem and head keep their channels.
  private init(width: Double, depth: Double) {
    let stages = Self.rows.map { row in [row.scaled(width: width, depth: row.repeats == 1 ? 1 : depth)] }
    trunk = MobileTrunk(stem: 32, stages: stages, activation: .relu6)
  }

  /// `mobilenetv2_100` and the like; the number is the width in percent, and `d` stands for deep.
  private static var timm: [ModelDescription] {
    let models = [
      ("035", MobileNetV2(width: 0.35)), ("050", MobileNetV2(width: 0.5)), ("075", MobileNetV2(width: 0.75)),
      ("100", MobileNetV2(width: 1)), ("140", MobileNetV2(width: 1.4)), ("110d", MobileNetV2(width: 1.1, depth: 1.2)),
      ("120d", MobileNetV2(width: 1.2, depth: 1.4)),
    ]
    return models.map { suffix, model in
      ModelDescription("mobilenetv2_\(suffix)", family: "MobileNetV2", model, .init(size: ImageSize(square: 224)))
    }
  }

  private static var torchvision: ModelDescription {
    var model = MobileNetV2(width: 1)
    model.isTorchvision = true
    return ModelDescription(
      "mobilenet_v2", family: "MobileNetV2", model,
      .init(size: ImageSize(square: 224), fit: .crop(fraction: 224 / 232), interpolation: .bilinear))
  }

  private static var tensorFlow: ModelDescription {
    var model = MobileNetV2(width: 1)
    model.trunk.padsAsTensorFlow = true
    return ModelDescription(
      "mobilenetv2_100_same", family: "MobileNetV2", model,
      .init(
        size: ImageSize(square: 224), interpolation: .bilinear, mean: [0.5, 0.5, 0.5],
        standardDeviation: [0.5, 0.5, 0.5]))
  }
}
