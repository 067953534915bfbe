import Checkpoints
import LayerGraph
import Tensors

/// MobileNetV2 (Sandler et al. 2018, "Inverted residuals and linear bottlenecks"): the ``MobileTrunk`` with one kind of
/// block, which widens, filters each channel by itself, and narrows without an activation.
public struct MobileNetV2: Architecture {
  var trunk: MobileTrunk
  /// The channels in front of the classifier.
  var width = 1280
  /// Whether it is torchvision's.
  var isTorchvision = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { isTorchvision ? "features[-1]" : "blocks[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv_stem.weight", "blocks.0.0.bn1.weight"] }

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = trunk(m, picture)
    let features = trunk.convolved(m, "conv_head", "bn2", x, outputs: width, trunk.activation)
    return m.classifier("classifier", m.globalAveragePool("global_pool", features))
  }

  /// torchvision's names: it numbers all blocks through, and a block's last convolution and norm have no container.
  public var dialects: [Dialect] {
    guard isTorchvision else { return [] }
    var names = TorchvisionNames()
    names.name([.convolution("conv_stem", norm: "bn1", isActivated: true)], in: "features", as: "")
    var number = 1
    for (stage, rows) in trunk.stages.enumerated() {
      for (index, block) in rows.flatMap(\.blocks).enumerated() {
        name(block, "features.\(number)", as: "blocks.\(stage).\(index)", &names)
        number += 1
      }
    }
    names.name([.convolution("conv_head", norm: "bn2", isActivated: true)], from: number, in: "features", as: "")
    names.nameLayer("features", as: "bn2")
    names.nameModule("classifier.1", as: "classifier")
    return [names.dialect]
  }

  private func name(_ block: MobileRow, _ theirs: String, as ours: String, _ names: inout TorchvisionNames) {
    let modules = block.torchvisionModules
    names.name(modules.dropLast(), in: "\(theirs).conv", as: "\(ours).")
    if case .convolution(let convolution, let norm, _) = modules.last {
      let last = modules.count - 1
      names.nameModule("\(theirs).conv.\(last)", as: "\(ours).\(convolution)")
      names.nameModule("\(theirs).conv.\(last + 1)", as: "\(ours).\(norm)")
      names.nameLayer("\(theirs).conv.\(last + 1)", as: "\(ours).\(norm)")
      names.nameLayer("\(theirs).conv", as: "\(ours).\(norm)")
    }
    names.nameLayer(theirs, as: ours)
  }
}
