import LayerGraph
import Tensors

/// EfficientNet (Tan and Le 2019) and EfficientNetV2 (Tan and Le 2021): a ``MobileTrunk`` found by search, in sizes that
/// grow in width, depth and resolution together.
public struct EfficientNet: Architecture {
  var trunk: MobileTrunk
  /// The channels in front of the classifier.
  var width: Int
  /// Whether torchvision has a model of this shape.
  var isTorchvision = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "blocks[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv_stem.weight", "blocks.0.0.bn1.weight"] }

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = trunk(m, picture)
    let features = trunk.convolved(m, "conv_head", "bn2", x, outputs: width, trunk.activation)
    return m.classifier("classifier", m.globalAveragePool("global_pool", features))
  }

  /// torchvision's names, where it has the model.
  public var dialects: [Dialect] {
    guard isTorchvision else { return [] }
    var names = TorchvisionNames()
    names.name([.convolution("conv_stem", norm: "bn1", isActivated: true)], in: "features", as: "")
    for (stage, rows) in trunk.stages.enumerated() {
      let modules = rows[0].torchvisionModules
      names.nameParameters(of: modules, in: "features.\(stage + 1).{i}.block", as: "blocks.\(stage).{i}.")
      for block in 0..<rows[0].repeats {
        let (theirs, ours) = ("features.\(stage + 1).\(block)", "blocks.\(stage).\(block)")
        names.nameLayers(of: modules, in: "\(theirs).block", as: "\(ours).")
        names.nameLayer("\(theirs).block", as: "\(ours).\(modules[modules.count - 1].result)")
        names.nameLayer(theirs, as: ours)
      }
      names.nameLayer("features.\(stage + 1)", as: "blocks.\(stage)")
    }
    let head = trunk.stages.count + 1
    names.name([.convolution("conv_head", norm: "bn2", isActivated: true)], from: head, in: "features", as: "")
    names.nameLayer("features", as: "bn2")
    names.nameLayer("avgpool", as: "global_pool")
    names.nameModule("classifier.1", as: "classifier")
    return [names.dialect]
  }
}
