import Images
import LayerGraph
import Tensors

/// SqueezeNet (Iandola et al. 2016): fire modules, which squeeze the channels before they expand them.
public struct SqueezeNet: Architecture {
  /// A module of the feature extractor.
  enum Module: Sendable {
    /// A strided convolution and its activation, which is a module of its own.
    case convolution(channels: Int, kernel: Int)
    case pool
    /// The channels after squeezing, and after expanding by each of two convolutions.
    case fire(squeeze: Int, expand: Int)
  }

  var modules: [Module]

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "features[-1]" }
  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["features.0.weight", "features.3.squeeze.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let x = m.scope("features") { features(m, picture) }
    return m.scope("classifier") {
      let classes = m.classCount("1.weight", features: x.shape[0])
      let maps = m.convolution("1", x, outputs: classes, kernel: Extent(1))
      return m.globalAveragePool("3", m.relu("2", maps))
    }
  }

  private func features(_ m: GraphBuilder, _ picture: Value) -> Value {
    var (x, number) = (picture, 0)
    for module in modules {
      switch module {
      case .convolution(let channels, let kernel):
        x = m.convolution("\(number)", x, outputs: channels, kernel: Extent(kernel), stride: Extent(2))
        number += 1
        x = m.relu("\(number)", x)
      case .pool: x = m.maxPool("\(number)", x, kernel: 3, stride: 2, roundsUp: true)
      case .fire(let squeeze, let expand): x = m.scope(number) { fire(m, x, squeeze: squeeze, expand: expand) }
      }
      number += 1
    }
    return x
  }

  private func fire(_ m: GraphBuilder, _ x: Value, squeeze: Int, expand: Int) -> Value {
    let squeezed = m.relu("squeeze_activation", m.convolution("squeeze", x, outputs: squeeze, kernel: Extent(1)))
    let narrow = m.convolution("expand1x1", squeezed, outputs: expand, kernel: Extent(1))
    let wide = m.convolution("expand3x3", squeezed, outputs: expand, kernel: Extent(3), padding: Extent(1))
    let parts = [m.relu("expand1x1_activation", narrow), m.relu("expand3x3_activation", wide)]
    return m.concatenate("cat", parts, axis: 0)
  }
}

extension SqueezeNet {
  /// torchvision's: 1.1 pools earlier than 1.0, which makes it twice as fast.
  static var variants: [ModelDescription] {
    func fires(_ sizes: Int...) -> [Module] { sizes.map { .fire(squeeze: $0, expand: 4 * $0) } }
    let versions: [(name: String, modules: [Module])] = [
      (
        "squeezenet1_0",
        [.convolution(channels: 96, kernel: 7), .pool] + fires(16, 16, 32) + [.pool] + fires(32, 48, 48, 64)
          + [.pool] + fires(64)
      ),
      (
        "squeezenet1_1",
        [.convolution(channels: 64, kernel: 3), .pool] + fires(16, 16) + [.pool] + fires(32, 32) + [.pool]
          + fires(48, 48, 64, 64)
      ),
    ]
    return versions.map { version in
      ModelDescription(
        version.name, family: "SqueezeNet", SqueezeNet(modules: version.modules),
        .init(size: ImageSize(square: 224), interpolation: .bilinear))
    }
  }
}
