import LayerGraph
import Tensors

/// The networks of the Visual Geometry Group (Simonyan and Zisserman 2015, "Very deep convolutional networks for
/// large-scale image recognition"): 3×3 convolutions, and nothing else up to the classifier.
public struct VGG: Architecture {
  /// The channels of the convolutions of each stage; after each stage the map is halved.
  var stages: [[Int]]
  /// Whether batch norm follows each convolution.
  var isNormalized = false

  /// See ``Architecture/recommendedLayer``: the last activation before the last pooling.
  public var recommendedLayer: LayerPath? { "features[-2]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["features.0.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    head(m, m.scope("features") { features(m, picture) })
  }

  /// Modules are numbered through, activations and pooling too.
  private func features(_ m: GraphBuilder, _ picture: Value) -> Value {
    var (x, number) = (picture, 0)
    func next() -> String {
      defer { number += 1 }
      return String(number)
    }
    for stage in stages {
      for channels in stage {
        x = m.convolution(next(), x, outputs: channels, kernel: Extent(3), padding: Extent(1))
        if isNormalized { x = m.batchNorm(next(), x) }
        x = m.relu(next(), x)
      }
      x = m.maxPool(next(), x, kernel: 2, stride: 2)
    }
    return x
  }

  // MARK: The head

  /// Three layers over 7×7 places. timm's are convolutions, which slide over larger maps and whose results are averaged;
  /// torchvision's are linear, and maps of another size are averaged to 7×7 before.
  private func head(_ m: GraphBuilder, _ features: Value) -> Value {
    let isLinear = m.parameterShape("pre_logits.fc1.weight")?.rank == 2
    let (height, width) = (features.shape[1], features.shape[2])
    let grid = isLinear ? Extent(7) : Extent(height: max(7, height), width: max(7, width))
    let map = m.adaptiveAveragePool("avgpool", features, grid: grid)
    let hidden = m.scope("pre_logits") {
      isLinear ? linearLayers(m, map.reshaped(to: [map.shape.count])) : convolutions(m, map)
    }
    return m.scope("head") {
      m.classifier("fc", isLinear ? hidden : m.globalAveragePool("global_pool", hidden))
    }
  }

  private func linearLayers(_ m: GraphBuilder, _ x: Value) -> Value {
    let h = m.relu("act1", m.linear("fc1", x, outputs: 4096))
    return m.relu("act2", m.linear("fc2", h, outputs: 4096))
  }

  private func convolutions(_ m: GraphBuilder, _ x: Value) -> Value {
    let h = m.relu("act1", m.convolution("fc1", x, outputs: 4096, kernel: Extent(7)))
    return m.relu("act2", m.convolution("fc2", h, outputs: 4096, kernel: Extent(1)))
  }
}
