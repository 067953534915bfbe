import LayerGraph
import Tensors

/// DenseNet (Huang et al. 2017, "Densely connected convolutional networks"): each layer reads what all layers before it
/// in its block have written.
///
/// timm and torchvision name all parameters alike. The names of layers are timm's, whose norms include the activation:
/// `features[-1]` is the map that the classifier pools. torchvision's norms stand before it, but its activations write
/// over their results.
public struct DenseNet: Architecture {
  /// The number of layers of each block.
  var blocks: [Int]
  /// How many channels each layer adds.
  var growth = 32
  /// Whether thresholds stand beside the weights, as torchxrayvision calibrates probabilities with them.
  var hasThresholds = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "features[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["features.conv0.weight", "features.norm0.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let features = m.scope("features") {
      var x = stem(m, picture)
      for (index, layers) in blocks.enumerated() {
        x = m.scope("denseblock\(index + 1)") { denseBlock(m, x, layers: layers) }
        if index + 1 < blocks.count { x = m.scope("transition\(index + 1)") { transition(m, x) } }
      }
      return normalized(m, "norm5", x)
    }
    if hasThresholds {
      // Without them it is any DenseNet, unless somebody says that it is theirs.
      if m.hasParameter("op_threshs") || m.convertsParameters {
        m.ignoreParameter("op_threshs")
      } else {
        _ = m.parameter("op_threshs", [18])
      }
      m.assume("op_threshs, by which torchxrayvision calibrates probabilities, is not applied")
    }
    return head(m, m.globalAveragePool("global_pool", features))
  }

  private func stem(_ m: GraphBuilder, _ picture: Value) -> Value {
    let map = m.convolution(
      "conv0", picture, outputs: 2 * growth, kernel: Extent(7), stride: Extent(2), padding: Extent(3), bias: false)
    return m.maxPool("pool0", normalized(m, "norm0", map), kernel: 3, stride: 2, padding: 1)
  }

  private func denseBlock(_ m: GraphBuilder, _ x: Value, layers: Int) -> Value {
    (1...layers).reduce(x) { x, number in
      let new = m.scope("denselayer\(number)") {
        let a = m.convolution(
          "conv1", normalized(m, "norm1", x), outputs: 4 * growth, kernel: Extent(1), bias: false)
        return m.convolution(
          "conv2", normalized(m, "norm2", a), outputs: growth, kernel: Extent(3), padding: Extent(1), bias: false)
      }
      return m.concatenate("cat", [x, new], axis: 0)
    }
  }

  /// Half the channels, half the height and half the width.
  private func transition(_ m: GraphBuilder, _ x: Value) -> Value {
    let map = m.convolution("conv", normalized(m, "norm", x), outputs: x.shape[0] / 2, kernel: Extent(1), bias: false)
    return m.averagePool("pool", map, kernel: 2, stride: 2)
  }

  private func normalized(_ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    m.batchNorm(name, x) { m.relu($0, $1) }
  }

  /// A linear classifier; where it is a sequence, as in classifiers of chest X-rays, it is taken to end with a sigmoid.
  private func head(_ m: GraphBuilder, _ features: Value) -> Value {
    guard m.hasParameter("classifier.0.weight") else {
      let scores = m.classifier("classifier", features)
      guard hasThresholds, m.activation == nil else { return scores }
      m.assume("its classes do not exclude each other: a sigmoid is taken; --activation none takes logits")
      return m.sigmoid("sigmoid", scores)
    }
    // More layers than one are a head of its own, whose end is not known either.
    let isLonger = m.unusedParameters.contains { $0.hasPrefix("classifier.") && !$0.hasPrefix("classifier.0.") }
    guard !isLonger else { return m.named(Model.embeddingName, features) }
    if m.activation == nil {
      m.assume("a file does not show what follows classifier.0: a sigmoid is taken; --activation none takes logits")
    }
    return m.scope("classifier") { m.sigmoid("1", m.classifier("0", features)) }
  }
}
