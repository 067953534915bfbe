import Checkpoints
import Images

extension ConvNeXt {
  /// `convnext_tiny` and the like, names that timm and torchvision share.
  static var variants: [ModelDescription] {
    let table: [(size: String, blocks: [Int], channels: [Int], fraction: Double, resizedByTorchvision: Double?)] = [
      ("tiny", [3, 3, 9, 3], [96, 192, 384, 768], 0.95, 236),
      ("small", [3, 3, 27, 3], [96, 192, 384, 768], 0.95, 230),
      ("base", [3, 3, 27, 3], [128, 256, 512, 1024], 0.875, 232),
      ("large", [3, 3, 27, 3], [192, 384, 768, 1536], 0.875, 232),
      ("xlarge", [3, 3, 27, 3], [256, 512, 1024, 2048], 0.875, nil),
    ]
    return table.map { row in
      let model = ConvNeXt(blocks: row.blocks, channels: row.channels)
      let size = ImageSize(square: 224)
      let torchvision = row.resizedByTorchvision.map {
        Preprocessing(size: size, fit: .crop(fraction: 224 / $0), interpolation: .bilinear)
      }
      return ModelDescription(
        "convnext_\(row.size)", family: "ConvNeXt", model, .init(size: size, fit: .crop(fraction: row.fraction)),
        inDialect: torchvision.map { ["torchvision": (model, $0)] } ?? [:])
    }
  }

  /// The names of Hugging Face, of the paper's repository and of torchvision.
  public var dialects: [Dialect] { Self.huggingFaceDialects + [original, torchvision] }

  private var original: Dialect {
    Dialect(
      "the original repository", signature: "downsample_layers.0.0.weight",
      [
        "downsample_layers.0.{i}": "stem.{i}",
        "downsample_layers.{stage}.{i}": "stages.{stage}.downsample.{i}",
        "downsample_layers.0": "stem",
        "downsample_layers.{stage}": "stages.{stage}.downsample",
        "stages.{stage}.{i}.dwconv": "stages.{stage}.blocks.{i}.conv_dw",
        "stages.{stage}.{i}.pwconv1": "stages.{stage}.blocks.{i}.mlp.fc1",
        "stages.{stage}.{i}.act": "stages.{stage}.blocks.{i}.mlp.act",
        "stages.{stage}.{i}.pwconv2": "stages.{stage}.blocks.{i}.mlp.fc2",
        "stages.{stage}.{i}": "stages.{stage}.blocks.{i}",
        "norm": "head.norm",
        "head": "head.fc",
      ])
  }

  /// torchvision counts stem, stages and what is between them through.
  private var torchvision: Dialect {
    var keys = [(pattern: "features.0.{i}", replacement: "stem.{i}")]
    var layers = [(name: "features.0", ours: "stem"), (name: "features", ours: "stages")]
    for stage in blocks.indices {
      let (theirs, ours) = ("features.\(2 * stage + 1)", "stages.\(stage)")
      let modules = [
        ("block.0", "conv_dw"), ("block.2", "norm"), ("block.3", "mlp.fc1"), ("block.4", "mlp.act"),
        ("block.5", "mlp.fc2"), ("layer_scale", "gamma"),
      ]
      keys += modules.map { ("\(theirs).{i}.\($0)", "\(ours).blocks.{i}.\($1)") }
      for block in 0..<blocks[stage] {
        let (theirs, ours) = ("\(theirs).\(block)", "\(ours).blocks.\(block)")
        layers += [
          ("\(theirs).block.1", "\(ours).permute"), ("\(theirs).block.6", "\(ours).permute_1"),
          ("\(theirs).block", "\(ours).permute_1"), (theirs, ours),
        ]
      }
      layers.append((theirs, ours))
      guard stage > 0 else { continue }
      keys.append(("features.\(2 * stage).{i}", "\(ours).downsample.{i}"))
      layers.append(("features.\(2 * stage)", "\(ours).downsample"))
    }
    keys += [("classifier.0", "head.norm"), ("classifier.2", "head.fc")]
    layers += [("avgpool", "head.global_pool"), ("classifier", "head.fc")]
    return Dialect("torchvision", signature: "features.1.0.layer_scale", KeyMap(keys), layers: layers)
  }
}
