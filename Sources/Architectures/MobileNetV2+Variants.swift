import Checkpoints
import Images

extension MobileNetV2 {
  /// timm's variants, torchvision's `mobilenet_v2`, and `mobilenetv2_100_same` with the padding that models converted from
  /// TensorFlow were trained with (their names and shapes are those of `mobilenetv2_100`).
  static var variants: [ModelDescription] {
    let table = [
      ("mobilenetv2_035", 0.35), ("mobilenetv2_050", 0.5), ("mobilenetv2_075", 0.75), ("mobilenetv2_100", 1),
      ("mobilenetv2_140", 1.4),
    ]
    let timm = table.map { name, width in described(name, MobileNetV2(width: width)) }
    let deep = [
      described("mobilenetv2_110d", MobileNetV2(width: 1.1, depth: 1.2)),
      described("mobilenetv2_120d", MobileNetV2(width: 1.2, depth: 1.4)),
    ]
    var torchvision = MobileNetV2(width: 1)
    torchvision.recommendedLayer = "features[-1]"
    var same = MobileNetV2(width: 1)
    same.isPaddedSame = true
    return timm + deep + [
      ModelDescription(
        "mobilenet_v2", family: "MobileNetV2", torchvision,
        .init(size: ImageSize(square: 224), fit: .crop(fraction: 224 / 232), interpolation: .bilinear)),
      ModelDescription(
        "mobilenetv2_100_same", family: "MobileNetV2", same,
        .init(
          size: ImageSize(square: 224), interpolation: .bilinear, mean: [0.5, 0.5, 0.5],
          standardDeviation: [0.5, 0.5, 0.5])),
    ]
  }

  private static func described(_ name: String, _ model: MobileNetV2) -> ModelDescription {
    ModelDescription(name, family: "MobileNetV2", model, .init(size: ImageSize(square: 224)))
  }

  /// The paper's table 2, with all channels multiplied by `width`. Deeper models multiply the blocks of all stages but the
  /// first and the last, and leave stem and head as they are.
  private init(width: Double, depth: Double = 1) {
    func scaled(_ channels: Int) -> Int {
      let wanted = Double(channels) * width
      let rounded = max(8, Int(wanted + 4) / 8 * 8)
      return Double(rounded) < 0.9 * wanted ? rounded + 8 : rounded
    }
    let table = [
      (16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1),
    ]
    stages = table.map { channels, blocks, stride in
      let blocks = blocks == 1 ? 1 : Int((Double(blocks) * depth).rounded(.up))
      return Stage(channels: scaled(channels), blocks: blocks, stride: stride)
    }
    if depth == 1 {
      stem = scaled(stem)
      head = max(head, scaled(head))
    }
  }
}

extension MobileNetV2 {
  /// torchvision's names, which number all blocks through.
  public static let dialects = [
    Dialect("torchvision", signature: "features.0.0.weight", KeyMap(torchvisionRules))
  ]

  private static var torchvisionRules: [(pattern: String, replacement: String)] {
    let blocks = [1, 2, 3, 4, 3, 3, 1].enumerated().flatMap { stage, count in (0..<count).map { (stage, $0) } }
    var rules = activated("features.0", convolution: "conv_stem", norm: "bn1")
    for (index, (stage, block)) in blocks.enumerated() {
      let theirs = "features.\(index + 1)"
      let ours = "blocks.\(stage).\(block)"
      rules.append((theirs, ours))
      if stage == 0 {
        rules += activated("\(theirs).conv.0", convolution: "\(ours).conv_dw", norm: "\(ours).bn1")
        rules += [("\(theirs).conv.1", "\(ours).conv_pw"), ("\(theirs).conv.2", "\(ours).bn2")]
      } else {
        rules += activated("\(theirs).conv.0", convolution: "\(ours).conv_pw", norm: "\(ours).bn1")
        rules += activated("\(theirs).conv.1", convolution: "\(ours).conv_dw", norm: "\(ours).bn2")
        rules += [("\(theirs).conv.2", "\(ours).conv_pwl"), ("\(theirs).conv.3", "\(ours).bn3")]
      }
    }
    rules += activated("features.\(blocks.count + 1)", convolution: "conv_head", norm: "bn2")
    return rules + [("classifier.1", "classifier")]
  }

  /// A sequence of a convolution, a norm and an activation. Its name, as a layer's, means the activation's result, which is
  /// what our norm's name means too.
  private static func activated(
    _ sequence: String, convolution: String, norm: String
  ) -> [(pattern: String, replacement: String)] {
    [
      (sequence, norm), ("\(sequence).0", convolution), ("\(sequence).1", norm), ("\(sequence).2", "\(norm).act"),
    ]
  }
}
