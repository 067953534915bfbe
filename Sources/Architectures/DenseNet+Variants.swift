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
    } + [torchXRayVision]
  }

  /// torchxrayvision's classifiers of chest X-rays (Cohen et al. 2022): one channel of −1024 to 1024.
  private static var torchXRayVision: ModelDescription {
    ModelDescription(
      "xrv_densenet121", family: "X-ray", DenseNet(blocks: [6, 12, 24, 16], hasThresholds: true),
      .init(
        size: ImageSize(square: 224), fit: .crop(fraction: 1), interpolation: .bilinear, mean: [0.5],
        standardDeviation: [1 / 2048]),
      labels: [
        "Atelectasis", "Consolidation", "Infiltration", "Pneumothorax", "Edema", "Emphysema", "Fibrosis", "Effusion",
        "Pneumonia", "Pleural_Thickening", "Cardiomegaly", "Nodule", "Mass", "Hernia", "Lung Lesion", "Fracture",
        "Lung Opacity", "Enlarged Cardiomediastinum",
      ])
  }

  /// The names of MONAI, those of before PyTorch 0.4, when the numbers of norms and convolutions had a dot in front
  /// (`norm.1`), and those of chest X-ray classifiers (CheXNet), whose network is a member of its name.
  public static let dialects = [
    Dialect(
      "MONAI", signature: "features.denseblock1.denselayer1.layers.norm1.weight",
      [
        "features.denseblock{b}.denselayer{l}.layers": "features.denseblock{b}.denselayer{l}",
        "class_layers.out": "classifier",
      ]),
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
