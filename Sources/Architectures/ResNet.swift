import LayerGraph
import Tensors

/// Residual networks (He et al. 2016), wide ones (Zagoruyko and Komodakis 2016) and ResNeXt (Xie et al. 2017). timm and
/// torchvision name everything alike.
public struct ResNet: Architecture {
  /// What a block is made of.
  enum Block: Sendable {
    /// Two 3×3 convolutions.
    case basic
    /// 1×1, 3×3 and 1×1 convolutions; the last one widens by four.
    case bottleneck
  }

  var block = Block.bottleneck
  /// The number of blocks of each stage.
  var blocks: [Int]
  /// The number of channels of each stage, before a bottleneck widens them.
  var channels = [64, 128, 256, 512]
  /// The number of channels of the stem.
  var stem = 64
  /// The groups of the 3×3 convolutions, and the width of one group at 64 channels.
  var groups = 1
  var groupWidth = 64
  /// By how much the picture is reduced at most; later stages are dilated instead.
  var outputStride = 32

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? = "layer4[-1]"

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["conv1.weight", "layer1.0.conv2.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let stem = convolved(m, 1, picture, outputs: stem, kernel: 7, stride: 2)
    var x = m.maxPool("maxpool", m.relu("act1", stem), kernel: 3, stride: 2, padding: 1)
    for (index, geometry) in stages.enumerated() {
      x = m.sequence("layer\(index + 1)", count: blocks[index], x) { number, x in
        residual(m, x, channels: channels[index], number == 0 ? geometry.first : geometry.rest)
      }
    }
    return m.classifier("fc", m.globalAveragePool("global_pool", x))
  }

  private func residual(_ m: GraphBuilder, _ x: Value, channels: Int, _ geometry: Geometry) -> Value {
    switch block {
    case .basic:
      let a = m.relu(
        "act1",
        convolved(
          m, 1, x, outputs: channels, kernel: 3, stride: geometry.stride,
          dilation: geometry.firstDilation))
      let b = convolved(m, 2, a, outputs: channels, kernel: 3, dilation: geometry.dilation)
      return m.relu("act2", b + shortcut(m, x, outputs: channels, stride: geometry.stride))
    case .bottleneck:
      let inner = channels * groupWidth / 64 * groups
      let a = m.relu("act1", convolved(m, 1, x, outputs: inner, kernel: 1))
      let b = m.relu(
        "act2",
        convolved(
          m, 2, a, outputs: inner, kernel: 3, stride: geometry.stride,
          dilation: geometry.firstDilation, groups: groups))
      let c = convolved(m, 3, b, outputs: 4 * channels, kernel: 1)
      return m.relu("act3", c + shortcut(m, x, outputs: 4 * channels, stride: geometry.stride))
    }
  }

  /// The block's input as it is, or projected where its shape changes.
  private func shortcut(_ m: GraphBuilder, _ x: Value, outputs: Int, stride: Int) -> Value {
    guard stride != 1 || x.shape[0] != outputs else { return x }
    return m.scope("downsample") {
      m.batchNorm(
        "1", m.convolution("0", x, outputs: outputs, kernel: Extent(1), stride: Extent(stride), bias: false))
    }
  }

  /// A convolution and its batch norm, numbered.
  private func convolved(
    _ m: GraphBuilder, _ number: Int, _ x: Value, outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    groups: Int = 1
  ) -> Value {
    let map = m.convolution(
      "conv\(number)", x, outputs: outputs, kernel: Extent(kernel), stride: Extent(stride),
      padding: Extent(dilation * (kernel - 1) / 2), dilation: Extent(dilation), groups: groups, bias: false)
    return m.batchNorm("bn\(number)", map)
  }

  // MARK: Strides

  /// How one block samples its input.
  private struct Geometry {
    var stride = 1
    var firstDilation = 1
    var dilation = 1
  }

  /// The first and the other blocks of each stage: each stage but the first halves the map, until the output stride is
  /// reached; from then on the dilation doubles instead.
  private var stages: [(first: Geometry, rest: Geometry)] {
    var reduction = 4
    var dilation = 1
    return blocks.indices.map { index in
      let previous = dilation
      var stride = index == 0 ? 1 : 2
      if reduction >= outputStride {
        dilation *= stride
        stride = 1
      } else {
        reduction *= stride
      }
      return (
        Geometry(stride: stride, firstDilation: previous, dilation: dilation),
        Geometry(stride: 1, firstDilation: dilation, dilation: dilation)
      )
    }
  }
}
