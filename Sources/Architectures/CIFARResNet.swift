import Images
import LayerGraph
import Tensors

/// The residual networks for pictures of 32×32 (He et al. 2016, section 4.2). Their shortcuts have no parameters: where a
/// block changes the shape, its input is subsampled and its new channels are zero.
public struct CIFARResNet: Architecture {
  /// The number of blocks of each of the three stages.
  var blocks: Int

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "layer3[-1]" }
  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv1.weight", "layer1.0.conv2.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    var x = m.relu("relu", convolved(m, 1, picture, outputs: 16, stride: 1))
    for (index, channels) in [16, 32, 64].enumerated() {
      x = m.sequence("layer\(index + 1)", count: blocks, x) { number, x in
        residual(m, x, channels: channels, stride: index > 0 && number == 0 ? 2 : 1)
      }
    }
    return m.classifier("linear", m.globalAveragePool("avg_pool", x))
  }

  private func residual(_ m: GraphBuilder, _ x: Value, channels: Int, stride: Int) -> Value {
    let a = m.relu("relu1", convolved(m, 1, x, outputs: channels, stride: stride))
    let b = convolved(m, 2, a, outputs: channels, stride: 1)
    return m.relu("relu2", b + m.scope("shortcut") { shortcut(m, x, channels: channels, stride: stride) })
  }

  private func convolved(_ m: GraphBuilder, _ number: Int, _ x: Value, outputs: Int, stride: Int) -> Value {
    let map = m.convolution(
      "conv\(number)", x, outputs: outputs, kernel: Extent(3), stride: Extent(stride), padding: Extent(1), bias: false)
    return m.batchNorm("bn\(number)", map)
  }

  /// The paper's option A: every second row and column between as many new channels of zeros on both sides.
  private func shortcut(_ m: GraphBuilder, _ x: Value, channels: Int, stride: Int) -> Value {
    guard stride != 1 else { return x }
    let sampled = m.averagePool("subsample", x, kernel: 1, stride: stride)
    let (height, width) = (sampled.shape[1], sampled.shape[2])
    let zeros = m.constant("zeros", Tensor(repeating: 0, shape: [(channels - x.shape[0]) / 2, height, width]))
    return m.concatenate("pad", [zeros, sampled, zeros], axis: 0)
  }
}

extension CIFARResNet {
  /// The paper's depths, named as in akamaster/pytorch_resnet_cifar10, which trains with ImageNet's mean and deviation.
  static var variants: [ModelDescription] {
    [20, 32, 44, 56, 110].map { depth in
      ModelDescription(
        "resnet\(depth)", family: "CIFAR ResNet", CIFARResNet(blocks: (depth - 2) / 6),
        .init(size: ImageSize(square: 32), fit: .crop(fraction: 1), interpolation: .bilinear))
    }
  }
}
