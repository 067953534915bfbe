import Images

extension VGG {
  /// timm's and torchvision's variants by name, with the number of convolutions of each stage (the paper's table 1).
  static var variants: [ModelDescription] {
    let table = [
      ("vgg11", [1, 1, 2, 2, 2]), ("vgg13", [2, 2, 2, 2, 2]), ("vgg16", [2, 2, 3, 3, 3]), ("vgg19", [2, 2, 4, 4, 4]),
    ]
    return table.flatMap { name, depths in
      let stages = zip(depths, [64, 128, 256, 512, 512]).map { Array(repeating: $1, count: $0) }
      return [false, true].map { isNormalized in
        ModelDescription(
          isNormalized ? "\(name)_bn" : name, family: "VGG", VGG(stages: stages, isNormalized: isNormalized),
          .init(size: ImageSize(square: 224), interpolation: .bilinear))
      }
    }
  }

  /// torchvision's names of the head; those of the features are timm's too.
  public static let dialects = [
    Dialect(
      "torchvision", signature: "classifier.6.weight",
      [
        "classifier.0": "pre_logits.fc1",
        "classifier.1": "pre_logits.act1",
        "classifier.3": "pre_logits.fc2",
        "classifier.4": "pre_logits.act2",
        "classifier.6": "head.fc",
      ])
  ]
}
