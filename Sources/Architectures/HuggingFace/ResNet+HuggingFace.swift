import Checkpoints
import LayerGraph

extension ResNet {
  /// The names of ResNet.
  static let huggingFaceDialects: [Dialect] = {
    let (stage, block) = ("encoder.stages.{stage}", "encoder.stages.{stage}.layers.{i}")
    let parts = (0..<3).flatMap { index in
      [("convolution", "conv"), ("normalization", "bn"), ("activation", "act")].map {
        ("layer.\(index).\($0.0)", "\($0.1)\(index + 1)")
      }
    }
    let shortcut = [
      ("shortcut.convolution", "downsample.0"), ("shortcut.normalization", "downsample.1"), ("shortcut", "downsample"),
    ]
    return HuggingFaceNames(
      roots: ["resnet"], signature: "encoder.stages.0.layers.0.layer.0.convolution.weight",
      trunk: [
        ("embedder.embedder.convolution", "conv1"), ("embedder.embedder.normalization", "bn1"),
        ("embedder.embedder", "act1"), ("embedder", "maxpool"), ("\(stage).layers", "layer{stage+1}"),
        (stage, "layer{stage+1}"), (block, "layer{stage+1}.{i}"), ("pooler", "global_pool"),
      ] + (parts + shortcut).map { ("\(block).\($0.0)", "layer{stage+1}.{i}.\($0.1)") },
      head: [("classifier.1", "fc"), ("classifier", "fc")],
      // A stage gives what the list of its blocks gives.
      layers: (0..<4).flatMap { index in
        ["", ".layers"].map { ("encoder.stages.\(index)\($0)", "layer\(index + 1)") }
      }
    ).dialects
  }()

  /// A residual network by its configuration.
  static func huggingFace(_ config: inout HubConfiguration) throws -> any Architecture {
    try config.require("downsample_in_bottleneck", .bool(false))
    try config.require("downsample_in_first_stage", .bool(false))
    try config.require("hidden_act", .string("relu"))
    let blocks = try config.depths("depths", otherwise: [3, 4, 6, 3])
    let sizes = try config.dimensions("hidden_sizes", count: blocks.count, otherwise: [256, 512, 1024, 2048])
    var model = ResNet(blocks: blocks, channels: sizes, recommendedLayer: LayerPath("layer\(blocks.count)[-1]"))
    model.stem = try config.dimension("embedding_size", otherwise: 64)
    let kind = try config.text("layer_type", otherwise: "bottleneck")
    switch kind {
    case "basic": model.block = .basic
    case "bottleneck":
      guard sizes.allSatisfy({ $0 % 4 == 0 }) else {
        throw config.error("hidden_sizes: expected multiples of 4 where layer_type is bottleneck")
      }
      model.channels = sizes.map { $0 / 4 }
    default: throw config.error("layer_type: expected basic or bottleneck, found \(kind.quotedName)")
    }
    return model
  }
}
