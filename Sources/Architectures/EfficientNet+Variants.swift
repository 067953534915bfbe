import Images

extension EfficientNet {
  /// timm's and torchvision's variants by name.
  static var variants: [ModelDescription] { first + firstFromTensorFlow + second + secondTorchvision }

  // MARK: EfficientNet

  /// Table 1 of the paper: B0.
  private static let rows = [
    MobileRow(.separable, outputs: 16, squeezes: true),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 24, repeats: 2, squeezes: true),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 40, repeats: 2, squeezes: true),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 80, repeats: 3, squeezes: true),
    MobileRow(.inverted, kernel: 5, expansion: 6, outputs: 112, repeats: 3, squeezes: true),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 192, repeats: 4, squeezes: true),
    MobileRow(.inverted, expansion: 6, outputs: 320, squeezes: true),
  ]

  /// B0 to B7: how much wider and deeper than B0.
  private static let scales: [(width: Double, depth: Double)] = [
    (1, 1), (1, 1.1), (1.1, 1.2), (1.2, 1.4), (1.4, 1.8), (1.6, 2.2), (1.8, 2.6), (2, 3.1),
  ]

  private static func scaled(_ number: Int, epsilon: Float = 1e-5, isTensorFlow: Bool = false) -> EfficientNet {
    let (width, depth) = scales[number]
    let stages = rows.map { [$0.scaled(width: width, depth: depth)] }
    return EfficientNet(
      trunk: MobileTrunk(
        stem: MobileRow.divisible(32 * width), stages: stages, activation: .silu, epsilon: epsilon,
        padsAsTensorFlow: isTensorFlow),
      width: MobileRow.divisible(1280 * width), isTorchvision: !isTensorFlow)
  }

  /// `efficientnet_b0` to `b7`, names that timm and torchvision share. torchvision's weights want pictures of another
  /// size, and from B5 on another ε.
  private static var first: [ModelDescription] {
    let half: [Float] = [0.5, 0.5, 0.5]
    let timm: [Preprocessing] = [
      .init(size: ImageSize(square: 224)),
      .init(size: ImageSize(square: 240), fit: .crop(fraction: 0.9), mean: half, standardDeviation: half),
      .init(size: ImageSize(square: 256)), .init(size: ImageSize(square: 288)), .init(size: ImageSize(square: 320)),
      .init(size: ImageSize(square: 448), fit: .squash),
      .init(size: ImageSize(square: 528), fit: .crop(fraction: 0.942)),
      .init(size: ImageSize(square: 600), fit: .crop(fraction: 0.949)),
    ]
    let torchvision: [(side: Int, resized: Double)] = [
      (224, 256), (240, 255), (288, 288), (300, 320), (380, 384), (456, 456), (528, 528), (600, 600),
    ]
    return scales.indices.map { number in
      let (side, resized) = torchvision[number]
      let preprocessing = Preprocessing(
        size: ImageSize(square: side), fit: .crop(fraction: Double(side) / resized),
        interpolation: number == 1 ? .bilinear : .bicubic)
      return ModelDescription(
        "efficientnet_b\(number)", family: "EfficientNet", scaled(number), timm[number],
        inDialect: ["torchvision": (scaled(number, epsilon: number < 5 ? 1e-5 : 1e-3), preprocessing)])
    }
  }

  /// `tf_efficientnet_b0` to `b7`: the authors' weights.
  private static var firstFromTensorFlow: [ModelDescription] {
    let table: [(side: Int, fraction: Double)] = [
      (224, 0.875), (240, 0.882), (260, 0.89), (300, 0.904), (380, 0.922), (456, 0.934), (528, 0.942), (600, 0.949),
    ]
    return table.enumerated().map { number, row in
      ModelDescription(
        "tf_efficientnet_b\(number)", family: "EfficientNet", scaled(number, epsilon: 1e-3, isTensorFlow: true),
        .init(size: ImageSize(square: row.side), fit: .crop(fraction: row.fraction)))
    }
  }

  // MARK: EfficientNetV2

  /// A row of V2's tables: convolutions, fused blocks, or inverted blocks with squeeze-and-excitation.
  private static func row(
    _ block: MobileRow.Block, _ repeats: Int, stride: Int, expansion: Double = 1, outputs: Int
  ) -> [MobileRow] {
    [
      MobileRow(
        block, stride: stride, expansion: expansion, outputs: outputs, repeats: repeats, squeezes: block == .inverted)
    ]
  }

  private static let small = [
    row(.convolution, 2, stride: 1, outputs: 24), row(.fused, 4, stride: 2, expansion: 4, outputs: 48),
    row(.fused, 4, stride: 2, expansion: 4, outputs: 64), row(.inverted, 6, stride: 2, expansion: 4, outputs: 128),
    row(.inverted, 9, stride: 1, expansion: 6, outputs: 160), row(.inverted, 15, stride: 2, expansion: 6, outputs: 256),
  ]
  private static let medium = [
    row(.convolution, 3, stride: 1, outputs: 24), row(.fused, 5, stride: 2, expansion: 4, outputs: 48),
    row(.fused, 5, stride: 2, expansion: 4, outputs: 80), row(.inverted, 7, stride: 2, expansion: 4, outputs: 160),
    row(.inverted, 14, stride: 1, expansion: 6, outputs: 176),
    row(.inverted, 18, stride: 2, expansion: 6, outputs: 304), row(.inverted, 5, stride: 1, expansion: 6, outputs: 512),
  ]
  private static let large = [
    row(.convolution, 4, stride: 1, outputs: 32), row(.fused, 7, stride: 2, expansion: 4, outputs: 64),
    row(.fused, 7, stride: 2, expansion: 4, outputs: 96), row(.inverted, 10, stride: 2, expansion: 4, outputs: 192),
    row(.inverted, 19, stride: 1, expansion: 6, outputs: 224),
    row(.inverted, 25, stride: 2, expansion: 6, outputs: 384), row(.inverted, 7, stride: 1, expansion: 6, outputs: 640),
  ]
  /// timm's reading of the paper before its weights were published.
  private static let early =
    [row(.fused, 2, stride: 1, outputs: 24)] + small[1..<5]
    + [row(.inverted, 15, stride: 2, expansion: 6, outputs: 272)]

  private static func second(
    _ stages: [[MobileRow]], width: Int = 1280, epsilon: Float = 1e-5, isTensorFlow: Bool = false,
    isTorchvision: Bool = false
  ) -> EfficientNet {
    EfficientNet(
      trunk: MobileTrunk(
        stem: stages[0][0].outputs, stages: stages, activation: .silu, epsilon: epsilon, padsAsTensorFlow: isTensorFlow),
      width: width, isTorchvision: isTorchvision)
  }

  /// timm's `efficientnetv2_s`, and `tf_efficientnetv2_s` with the authors' weights.
  private static var second: [ModelDescription] {
    let half: [Float] = [0.5, 0.5, 0.5]
    let table: [(size: String, stages: [[MobileRow]], side: Int, tensorFlowSide: Int)] = [
      ("s", small, 288, 300), ("m", medium, 320, 384), ("l", large, 384, 384),
    ]
    let pairs = table.flatMap { row in
      [
        ModelDescription(
          "efficientnetv2_\(row.size)", family: "EfficientNetV2", second(row.stages),
          .init(size: ImageSize(square: row.side), fit: .crop(fraction: 1))),
        ModelDescription(
          "tf_efficientnetv2_\(row.size)", family: "EfficientNetV2",
          second(row.stages, epsilon: 1e-3, isTensorFlow: true),
          .init(
            size: ImageSize(square: row.tensorFlowSide), fit: row.size == "s" ? .crop(fraction: 1) : .squash,
            mean: half,
            standardDeviation: half)),
      ]
    }
    let early = ModelDescription(
      "efficientnetv2_rw_s", family: "EfficientNetV2", second(early, width: 1792),
      .init(size: ImageSize(square: 288), fit: .crop(fraction: 1)))
    return pairs + [early]
  }

  /// torchvision's `efficientnet_v2_s`, `m` and `l`.
  private static var secondTorchvision: [ModelDescription] {
    let half: [Float] = [0.5, 0.5, 0.5]
    func model(_ stages: [[MobileRow]]) -> EfficientNet { second(stages, epsilon: 1e-3, isTorchvision: true) }
    return [
      ModelDescription(
        "efficientnet_v2_s", family: "EfficientNetV2", model(small),
        .init(size: ImageSize(square: 384), fit: .crop(fraction: 1), interpolation: .bilinear)),
      ModelDescription(
        "efficientnet_v2_m", family: "EfficientNetV2", model(medium),
        .init(size: ImageSize(square: 480), fit: .crop(fraction: 1), interpolation: .bilinear)),
      ModelDescription(
        "efficientnet_v2_l", family: "EfficientNetV2", model(large),
        .init(size: ImageSize(square: 480), fit: .crop(fraction: 1), mean: half, standardDeviation: half)),
    ]
  }
}
