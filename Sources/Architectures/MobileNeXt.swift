import LayerGraph
import Tensors

/// MobileNeXt (Zhou et al. 2020, "Rethinking bottleneck structure for efficient mobile network design"): sandglass blocks,
/// whose shortcuts join the wide ends of a bottleneck and whose depth-wise convolutions stand at these ends.
///
/// The names are those of the authors' repository.
public struct MobileNeXt: Architecture {
  /// The channels of the stem.
  var stem: Int
  var rows: [Row]
  /// Whether all blocks are of the paper's shape. In the authors' repository most blocks that change the number of
  /// channels lack their first depth-wise convolution, and bottlenecks are wider where the output is.
  var isUniform = false

  /// A row of the paper's table: blocks of one shape, of which the first one strides.
  struct Row: Sendable {
    /// The channels of a block's input in multiples of its middle.
    let reduction: Int
    var outputs: Int
    let repeats: Int
    let stride: Int
  }

  /// See ``Architecture/recommendedLayer``.
  public var recommendedLayer: LayerPath? { "features[-1]" }

  /// See ``Architecture/landmarks``.
  public static var landmarks: [String] { ["features.0.0.weight", "features.1.conv.0.weight"] }

  // MARK: The figure

  /// See ``Architecture/logits(_:_:)``.
  public func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let blocks = rows.flatMap { row in (0..<row.repeats).map { (row, stride: $0 == 0 ? row.stride : 1) } }
    let features = m.sequence("features", count: blocks.count + 1, picture) { index, x in
      guard index > 0 else {
        var layers = Layers(m)
        return layers.convolved(x, outputs: stem, kernel: 3, stride: 2, isActivated: true)
      }
      let (row, stride) = blocks[index - 1]
      return sandglass(m, row, x, stride: stride)
    }
    let means = m.globalAveragePool("avgpool", features)
    return m.scope("classifier") { m.classifier("1", means) }
  }

  private func sandglass(_ m: GraphBuilder, _ row: Row, _ x: Value, stride: Int) -> Value {
    let channels = max(1, x.shape[0])
    let isSame = channels == row.outputs
    let isSingle = row.repeats == 1 && row.stride == 1
    let begins = isUniform || row.reduction == 2 || isSame || isSingle
    let result = m.scope("conv") {
      var layers = Layers(m)
      let a = begins ? layers.convolved(x, outputs: channels, kernel: 3, groups: channels, isActivated: true) : x
      let b = layers.convolved(a, outputs: middle(row, channels))
      let c = layers.convolved(b, outputs: row.outputs, isActivated: true)
      guard begins || stride > 1 else { return c }
      return layers.convolved(c, outputs: row.outputs, kernel: 3, stride: stride, groups: row.outputs)
    }
    return isSame && stride == 1 && (isUniform || !isSingle) ? result + x : result
  }

  /// The channels of the bottleneck.
  private func middle(_ row: Row, _ channels: Int) -> Int {
    let reduced = channels / row.reduction
    guard !isUniform, 6 * reduced < row.outputs else { return reduced }
    return MobileRow.divisible((Double(row.outputs) / 6).rounded(.up), by: 16)
  }

  /// Layers that are numbered one after the other.
  private struct Layers {
    private let m: GraphBuilder
    private var count = 0

    init(_ m: GraphBuilder) {
      self.m = m
    }

    /// A convolution, its batch norm, and perhaps ReLU6.
    mutating func convolved(
      _ x: Value, outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1, isActivated: Bool = false
    ) -> Value {
      let map = m.convolution(
        String(count), x, outputs: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2), groups: groups, bias: false)
      let normed = m.batchNorm(String(count + 1), map)
      count += isActivated ? 3 : 2
      return isActivated ? m.relu6(String(count - 1), normed) : normed
    }
  }
}
