import LayerGraph
import Tensors

/// A residual classifier of chest X-rays: five blocks that halve the picture, a convolution over what is left, and one
/// probability.
public struct XRayResNet: Architecture {
  var channels = [64, 128, 256, 512, 1024]

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "resnet_blocks[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["resnet_blocks.0.conv1.weight"] }

  /// See ``Architecture/logits(_:_:)``: here it is a probability, behind a sigmoid.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let features = m.sequence("resnet_blocks", count: channels.count, picture) { index, x in
      residual(m, x, outputs: channels[index])
    }
    let verdict = m.scope("classifier") {
      m.convolution("0", features, outputs: 1, kernel: Extent(8), bias: m.hasParameter("0.bias"))
    }
    return m.sigmoid("sigmoid", verdict.reshaped(to: [verdict.shape.count]))
  }

  private func residual(_ m: GraphBuilder, _ x: Value, outputs: Int) -> Value {
    let a = m.convolution(
      "conv1", x, outputs: outputs, kernel: Extent(3), stride: Extent(2), padding: Extent(1), bias: false)
    let h = m.relu("relu1", m.batchNorm("bn1", a))
    let b = m.convolution("conv2", h, outputs: outputs, kernel: Extent(3), padding: Extent(1), bias: false)
    let shortcut = m.scope("shortcut") {
      m.batchNorm("1", m.convolution("0", x, outputs: outputs, kernel: Extent(1), stride: Extent(2), bias: false))
    }
    return m.relu("relu2", m.batchNorm("bn2", b) + shortcut)
  }
}
