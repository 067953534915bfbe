import Checkpoints
import Images

extension DenseNet {
  /// timm's and torchvision's variants by name (the paper's table 1).
  static var variants: [ModelDescription] {
    let table = [
      ("densenet121", [6, 12, 24, 16], 32), ("densenet161", [6, 12, 36, 24], 48),
      ("densenet169", [6, 12, 32, 32], 32), ("densenet201", [6, 12, 48, 32], 32),
    ]
    return table.map { name, blocks, growth in
      ModelDescription(
        name, family: "DenseNet", DenseNet(blocks: blocks, growth: growth), .init(size: ImageSize(square: 224)))
    }
  }

  /// The names of before PyTorch 0.4, when the numbers of norms and convolutions had a dot in front (`norm.1`), and those
  /// of chest X-ray classifiers (CheXNet), whose network is a member of its name.
  public static let dialects = [
    Dialect(
      "old torchvision", signature: "features.denseblock1.denselayer1.norm.1.weight",
      [
        "features.denseblock{b}.denselayer{l}.norm.{n}": "features.denseblock{b}.denselayer{l}.norm{n}",
        "features.denseblock{b}.denselayer{l}.conv.{n}": "features.denseblock{b}.denselayer{l}.conv{n}",
      ]),
    Dialect(
      "old CheXNet", signature: "densenet121.features.denseblock1.denselayer1.norm.1.weight",
      [
        "densenet121": "",
        "densenet121.features.denseblock{b}.denselayer{l}.norm.{n}": "features.denseblock{b}.denselayer{l}.norm{n}",
        "densenet121.features.denseblock{b}.denselayer{l}.conv.{n}": "features.denseblock{b}.denselayer{l}.conv{n}",
      ]),
    Dialect("CheXNet", signature: "densenet121.features.conv0.weight", ["densenet121": ""]),
  ]
}
