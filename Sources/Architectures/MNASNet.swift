import Checkpoints
import LayerGraph
import Tensors

/// MNASNet (Tan et al. 2019): the ``MobileTrunk`` that a search over whole phones found.
public struct MNASNet: Architecture {
  var trunk: MobileTrunk
  /// Whether it is torchvision's.
  var isTorchvision = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "blocks[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv_stem.weight", "blocks.0.0.bn1.weight"] }

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = trunk(m, picture)
    let features = trunk.convolved(m, "conv_head", "bn2", x, outputs: 1280, trunk.activation)
    return m.classifier("classifier", m.globalAveragePool("global_pool", features))
  }

  /// torchvision's names: all modules outside the inverted residuals are numbered through.
  public var dialects: [Dialect] {
    guard isTorchvision else { return [] }
    let keys: KeyMap = [
      "layers.0": "conv_stem",
      "layers.1": "bn1",
      "layers.3": "blocks.0.0.conv_dw",
      "layers.4": "blocks.0.0.bn1",
      "layers.6": "blocks.0.0.conv_pw",
      "layers.7": "blocks.0.0.bn2",
      "layers.{stage}.{i}.layers.0": "blocks.{stage-7}.{i}.conv_pw",
      "layers.{stage}.{i}.layers.1": "blocks.{stage-7}.{i}.bn1",
      "layers.{stage}.{i}.layers.3": "blocks.{stage-7}.{i}.conv_dw",
      "layers.{stage}.{i}.layers.4": "blocks.{stage-7}.{i}.bn2",
      "layers.{stage}.{i}.layers.6": "blocks.{stage-7}.{i}.conv_pwl",
      "layers.{stage}.{i}.layers.7": "blocks.{stage-7}.{i}.bn3",
      "layers.14": "conv_head",
      "layers.15": "bn2",
      "classifier.1": "classifier",
    ]
    return [Dialect("torchvision", signature: "layers.8.0.layers.0.weight", keys, layers: torchvisionLayers)]
  }

  private var torchvisionLayers: [(name: String, ours: String)] {
    var layers = [
      ("layers.1", "bn1.norm"), ("layers.2", "bn1"), ("layers.3", "blocks.0.0.conv_dw"),
      ("layers.4", "blocks.0.0.bn1.norm"), ("layers.5", "blocks.0.0.bn1"), ("layers.6", "blocks.0.0.conv_pw"),
      ("layers.7", "blocks.0.0.bn2"), ("layers.15", "bn2.norm"), ("layers.16", "bn2"), ("layers", "bn2"),
    ]
    for (stage, rows) in trunk.stages.enumerated().dropFirst() {
      for block in 0..<rows[0].repeats {
        let (theirs, ours) = ("layers.\(stage + 7).\(block)", "blocks.\(stage).\(block)")
        let modules = [("1", "bn1.norm"), ("2", "bn1"), ("4", "bn2.norm"), ("5", "bn2"), ("7", "bn3")]
        layers += modules.map { ("\(theirs).layers.\($0)", "\(ours).\($1)") }
        layers += [("\(theirs).layers", "\(ours).bn3"), (theirs, ours)]
      }
      layers.append(("layers.\(stage + 7)", "blocks.\(stage)"))
    }
    return layers.map { (name: $0, ours: $1) }
  }
}
