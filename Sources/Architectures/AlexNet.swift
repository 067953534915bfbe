import Images
import LayerGraph
import Tensors

/// AlexNet, as in "One weird trick for parallelizing convolutional neural networks" (Krizhevsky 2014) and torchvision.
public struct AlexNet: Architecture {
  /// See ``Architecture/recommendedLayer``: the last activation before the last pooling.
  public var recommendedLayer: LayerPath? { "features[-2]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["features.0.weight", "features.3.weight"] }

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = m.scope("features") { features(m, picture) }
    let map = m.adaptiveAveragePool("avgpool", x, grid: Extent(6))
    return m.scope("classifier") {
      let a = m.relu("2", m.linear("1", map.reshaped(to: [map.shape.count]), outputs: 4096))
      let b = m.relu("5", m.linear("4", a, outputs: 4096))
      return m.classifier("6", b)
    }
  }

  private func features(_ m: GraphBuilder, _ picture: Value) -> Value {
    var x = m.relu(
      "1", m.convolution("0", picture, outputs: 64, kernel: Extent(11), stride: Extent(4), padding: Extent(2)))
    x = m.maxPool("2", x, kernel: 3, stride: 2)
    x = m.relu("4", m.convolution("3", x, outputs: 192, kernel: Extent(5), padding: Extent(2)))
    x = m.maxPool("5", x, kernel: 3, stride: 2)
    for (number, channels) in [(6, 384), (8, 256), (10, 256)] {
      let map = m.convolution("\(number)", x, outputs: channels, kernel: Extent(3), padding: Extent(1))
      x = m.relu("\(number + 1)", map)
    }
    return m.maxPool("12", x, kernel: 3, stride: 2)
  }
}

extension AlexNet {
  /// torchvision's.
  static let variants = [
    ModelDescription(
      "alexnet", family: "AlexNet", AlexNet(), .init(size: ImageSize(square: 224), interpolation: .bilinear))
  ]
}
