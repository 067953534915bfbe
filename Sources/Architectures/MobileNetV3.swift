import LayerGraph
import Tensors

/// MobileNetV3 (Howard et al. 2019): a ``MobileTrunk`` with hard swish, and a last layer of features that sees the means
/// of the map only, where it costs little.
public struct MobileNetV3: Architecture {
  var trunk: MobileTrunk
  /// The features in front of the classifier.
  var width: Int
  /// Whether it is torchvision's.
  var isTorchvision = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "blocks[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv_stem.weight", "blocks.0.0.bn1.weight"] }

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let means = m.globalAveragePool("global_pool", trunk(m, picture))
    return m.classifier("classifier", trunk.activation(m, "act2", head(m, means)))
  }

  /// A linear layer, which timm has as a convolution of a map of one place.
  private func head(_ m: GraphBuilder, _ x: Value) -> Value {
    if isTorchvision { return m.linear("conv_head", x, outputs: width) }
    let map = x.reshaped(to: [x.shape[0], 1, 1])
    return m.convolution("conv_head", map, outputs: width, kernel: Extent(1)).reshaped(to: [width])
  }

  /// torchvision's names: it counts the blocks through all stages.
  public var dialects: [Dialect] {
    guard isTorchvision else { return [] }
    var names = TorchvisionNames()
    names.name([.convolution("conv_stem", norm: "bn1", isActivated: true)], in: "features", as: "")
    var number = 1
    for (stage, rows) in trunk.stages.dropLast().enumerated() {
      for (block, row) in rows.flatMap(\.blocks).enumerated() {
        let (theirs, ours, modules) = ("features.\(number)", "blocks.\(stage).\(block)", row.torchvisionModules)
        names.name(modules, in: "\(theirs).block", as: "\(ours).")
        names.nameLayer("\(theirs).block", as: "\(ours).\(modules[modules.count - 1].result)")
        names.nameLayer(theirs, as: ours)
        number += 1
      }
    }
    let last = "blocks.\(trunk.stages.count - 1)"
    names.name(
      [.convolution("conv", norm: "bn1", isActivated: true)], from: number, in: "features", as: "\(last).0.")
    names.nameLayer("features", as: last)
    names.nameLayer("avgpool", as: "global_pool")
    names.nameModule("classifier.0", as: "conv_head")
    names.nameLayer("classifier.1", as: "act2")
    names.nameModule("classifier.3", as: "classifier")
    return [names.dialect]
  }
}
