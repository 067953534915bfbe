import LayerGraph
import Tensors

/// MobileNetV2 (Sandler et al. 2018, "Inverted residuals and linear bottlenecks"): blocks that widen, filter each channel
/// by itself, and narrow without an activation.
public struct MobileNetV2: Architecture {
  /// Blocks of one width, the first of which strides.
  struct Stage: Sendable {
    var channels: Int
    var blocks: Int
    var stride: Int
  }

  /// The channels before the first block.
  var stem = 32
  var stages: [Stage]
  /// The channels behind the last block.
  var head = 1280
  /// Whether convolutions are padded as in TensorFlow.
  var isPaddedSame = false

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath = "blocks[-1]"

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    var x = activated(m, "bn1", convolution(m, "conv_stem", picture, outputs: stem, kernel: 3, stride: 2))
    x = m.scope("blocks") {
      stages.enumerated().reduce(x) { x, stage in
        m.sequence("\(stage.offset)", count: stage.element.blocks, x) { index, x in
          block(
            m, x, outputs: stage.element.channels, stride: index == 0 ? stage.element.stride : 1,
            expands: stage.offset > 0)
        }
      }
    }
    x = activated(m, "bn2", convolution(m, "conv_head", x, outputs: head, kernel: 1))
    return m.classifier("classifier", m.globalAveragePool("global_pool", x))
  }

  /// An inverted residual block; the very first one does not expand.
  private func block(_ m: GraphBuilder, _ x: Value, outputs: Int, stride: Int, expands: Bool) -> Value {
    var h = x
    if expands {
      h = activated(m, "bn1", convolution(m, "conv_pw", h, outputs: 6 * x.shape[0], kernel: 1))
    }
    let filtered = convolution(m, "conv_dw", h, outputs: h.shape[0], kernel: 3, stride: stride, groups: h.shape[0])
    h = activated(m, expands ? "bn2" : "bn1", filtered)
    h = convolution(m, expands ? "conv_pwl" : "conv_pw", h, outputs: outputs, kernel: 1)
    h = m.batchNorm(expands ? "bn3" : "bn2", h)
    return stride == 1 && x.shape[0] == outputs ? x + h : h
  }

  private func convolution(
    _ m: GraphBuilder, _ name: String, _ x: Value, outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> Value {
    m.convolution(
      name, x, outputs: outputs, kernel: Extent(kernel), stride: Extent(stride),
      padding: isPaddedSame ? .same : .symmetric(Extent(kernel / 2)), groups: groups, bias: false)
  }

  private func activated(_ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    m.batchNorm(name, x) { m.relu6($0, $1) }
  }
}
