import Images

extension MobileNetV3 {
  /// timm's and torchvision's variants by name.
  static var variants: [ModelDescription] { timm + tensorFlow + torchvision }

  /// Table 1 of the paper.
  private static let large = [
    [MobileRow(.separable, outputs: 16, activation: .relu)],
    [
      MobileRow(.inverted, stride: 2, expansion: 4, outputs: 24, activation: .relu),
      MobileRow(.inverted, expansion: 3, outputs: 24, activation: .relu),
    ],
    [
      MobileRow(
        .inverted, kernel: 5, stride: 2, expansion: 3, outputs: 40, repeats: 3, squeezes: true, activation: .relu)
    ],
    [
      MobileRow(.inverted, stride: 2, expansion: 6, outputs: 80), MobileRow(.inverted, expansion: 2.5, outputs: 80),
      MobileRow(.inverted, expansion: 2.3, outputs: 80, repeats: 2),
    ],
    [MobileRow(.inverted, expansion: 6, outputs: 112, repeats: 2, squeezes: true)],
    [MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 160, repeats: 3, squeezes: true)],
    [MobileRow(.convolution, kernel: 1, outputs: 960)],
  ]

  /// Table 2 of the paper.
  private static let small = [
    [MobileRow(.separable, stride: 2, outputs: 16, squeezes: true, activation: .relu)],
    [
      MobileRow(.inverted, stride: 2, expansion: 4.5, outputs: 24, activation: .relu),
      MobileRow(.inverted, expansion: 3.67, outputs: 24, activation: .relu),
    ],
    [
      MobileRow(.inverted, kernel: 5, stride: 2, expansion: 4, outputs: 40, squeezes: true),
      MobileRow(.inverted, kernel: 5, expansion: 6, outputs: 40, repeats: 2, squeezes: true),
    ],
    [MobileRow(.inverted, kernel: 5, expansion: 3, outputs: 48, repeats: 2, squeezes: true)],
    [MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 96, repeats: 3, squeezes: true)],
    [MobileRow(.convolution, kernel: 1, outputs: 576)],
  ]

  private static func model(
    isLarge: Bool, scale: Double = 1, isMinimal: Bool = false, epsilon: Float = 1e-5, isTensorFlow: Bool = false,
    isTorchvision: Bool = false
  ) -> MobileNetV3 {
    let stages = (isLarge ? large : small).map { rows in
      rows.map { isMinimal ? minimal($0) : $0 }.map { $0.scaled(width: scale) }
    }
    return MobileNetV3(
      trunk: MobileTrunk(
        stem: scale < 0.75 ? 16 : MobileRow.divisible(16 * scale), stages: stages,
        activation: isMinimal ? .relu : .hardSwish, epsilon: epsilon, padsAsTensorFlow: isTensorFlow, squeeze: .hidden),
      width: isLarge ? 1280 : 1024, isTorchvision: isTorchvision)
  }

  /// A row without what some processors are slow at: large kernels, squeeze-and-excitation and hard swish.
  private static func minimal(_ row: MobileRow) -> MobileRow {
    var row = row
    row.kernel = min(3, row.kernel)
    row.squeezes = false
    row.activation = .relu
    return row
  }

  /// `mobilenetv3_large_100` and the like; the number is the width in percent.
  private static var timm: [ModelDescription] {
    let table: [(size: String, percent: Int)] = [
      ("large", 75), ("large", 100), ("small", 50), ("small", 75), ("small", 100),
    ]
    return table.map { size, percent in
      ModelDescription(
        "mobilenetv3_\(size)_\(percent < 100 ? "0" : "")\(percent)", family: "MobileNetV3",
        model(isLarge: size == "large", scale: Double(percent) / 100),
        .init(size: ImageSize(square: 224), interpolation: size == "large" && percent == 75 ? .bilinear : .bicubic))
    }
  }

  /// `tf_mobilenetv3_large_100` and the like: the authors' weights.
  private static var tensorFlow: [ModelDescription] {
    let half: [Float] = [0.5, 0.5, 0.5]
    return ["large", "small"].flatMap { size in
      [("075", 0.75, false), ("100", 1, false), ("minimal_100", 1, true)].map { suffix, scale, isMinimal in
        ModelDescription(
          "tf_mobilenetv3_\(size)_\(suffix)", family: "MobileNetV3",
          model(isLarge: size == "large", scale: scale, isMinimal: isMinimal, epsilon: 1e-3, isTensorFlow: true),
          .init(size: ImageSize(square: 224), interpolation: .bilinear, mean: half, standardDeviation: half))
      }
    }
  }

  /// torchvision's two.
  private static var torchvision: [ModelDescription] {
    [("large", 232.0), ("small", 256.0)].map { size, resized in
      ModelDescription(
        "mobilenet_v3_\(size)", family: "MobileNetV3",
        model(isLarge: size == "large", epsilon: 1e-3, isTorchvision: true),
        .init(size: ImageSize(square: 224), fit: .crop(fraction: 224 / resized), interpolation: .bilinear))
    }
  }
}
