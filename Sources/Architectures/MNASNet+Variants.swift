import Images

extension MNASNet {
  /// timm's and torchvision's variants by name.
  static var variants: [ModelDescription] {
    plain + squeezing + [tiny] + torchvision
  }

  /// B1: the network without squeeze-and-excitation.
  private static let rows = [
    MobileRow(.separable, outputs: 16, hasShortcut: false),
    MobileRow(.inverted, stride: 2, expansion: 3, outputs: 24, repeats: 3),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 3, outputs: 40, repeats: 3),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 80, repeats: 3),
    MobileRow(.inverted, expansion: 6, outputs: 96, repeats: 2),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 192, repeats: 4),
    MobileRow(.inverted, expansion: 6, outputs: 320, hasShortcut: false),
  ]

  /// A1: the network of the paper's figure 7.
  private static let squeezingRows = [
    MobileRow(.separable, outputs: 16, hasShortcut: false),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 24, repeats: 2),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 3, outputs: 40, repeats: 3, squeezes: true),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 80, repeats: 4),
    MobileRow(.inverted, expansion: 6, outputs: 112, repeats: 2, squeezes: true),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 160, repeats: 3, squeezes: true),
    MobileRow(.inverted, expansion: 6, outputs: 320),
  ]

  private static let tinyRows = [
    MobileRow(.separable, outputs: 8),
    MobileRow(.inverted, stride: 2, expansion: 3, outputs: 16),
    MobileRow(.inverted, stride: 2, expansion: 6, outputs: 16, repeats: 2),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 32, repeats: 4, squeezes: true),
    MobileRow(.inverted, expansion: 6, outputs: 32, repeats: 3, squeezes: true),
    MobileRow(.inverted, kernel: 5, stride: 2, expansion: 6, outputs: 88, repeats: 3, squeezes: true),
    MobileRow(.inverted, expansion: 6, outputs: 144),
  ]

  private static func model(
    _ rows: [MobileRow], stem: Int = 32, scale: Double = 1, isTorchvision: Bool = false
  ) -> MNASNet {
    let trunk = MobileTrunk(
      stem: MobileRow.divisible(Double(stem) * scale), stages: rows.map { [$0.scaled(width: scale)] })
    return MNASNet(trunk: trunk, isTorchvision: isTorchvision)
  }

  private static let widths = [("050", 0.5), ("075", 0.75), ("100", 1), ("140", 1.4)]

  /// `mnasnet_100` and the like; the number is the width in percent.
  private static var plain: [ModelDescription] {
    widths.map { suffix, scale in
      ModelDescription(
        "mnasnet_\(suffix)", family: "MNASNet", model(rows, scale: scale), .init(size: ImageSize(square: 224)))
    }
  }

  /// `semnasnet_100` and the like.
  private static var squeezing: [ModelDescription] {
    widths.map { suffix, scale in
      ModelDescription(
        "semnasnet_\(suffix)", family: "MNASNet", model(squeezingRows, scale: scale),
        .init(size: ImageSize(square: 224)))
    }
  }

  private static var tiny: ModelDescription {
    ModelDescription(
      "mnasnet_small", family: "MNASNet", model(tinyRows, stem: 8), .init(size: ImageSize(square: 224)))
  }

  /// torchvision's `mnasnet1_0` and the like.
  private static var torchvision: [ModelDescription] {
    let table: [(suffix: String, scale: Double, resized: Double)] = [
      ("0_5", 0.5, 256), ("0_75", 0.75, 232), ("1_0", 1, 256), ("1_3", 1.3, 232),
    ]
    return table.map { suffix, scale, resized in
      ModelDescription(
        "mnasnet\(suffix)", family: "MNASNet", model(rows, scale: scale, isTorchvision: true),
        .init(size: ImageSize(square: 224), fit: .crop(fraction: 224 / resized), interpolation: .bilinear))
    }
  }
}
