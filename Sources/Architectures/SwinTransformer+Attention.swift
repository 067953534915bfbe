import Images
import LayerGraph
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Attention within windows.
extension SwinTransformer {
  /// The map, cut into windows, each of which attends to itself, and joined again.
  func attention(_ m: GraphBuilder, _ x: Value, _ windows: WindowGrid, _ index: Int) -> Value {
    let tokens = m.cut("windows", x, into: windows)
    let attended = m.scope("attn") { attention(m, within: tokens, windows, index) }
    return m.joined("windows_joined", attended, from: windows)
  }

  private func attention(_ m: GraphBuilder, within x: Value, _ windows: WindowGrid, _ index: Int) -> Value {
    let heads = heads[index]
    let (count, area, width) = (x.shape[0], x.shape[1], x.shape[2])
    let qkv = queriesKeysValues(m, x).reshaped(to: [count, area, 3, heads, width / heads]).permuted(2, 0, 3, 1, 4)
    let (q, k, v) = (qkv.selected(0), qkv.selected(1), qkv.selected(2))
    let scores: Value
    let table: Tensor
    switch version {
    case .first:
      let factor = 1 / Float(width / heads).squareRoot()
      scores = m.matrixProduct("scores", q, k, factor: factor, transposingRight: true)
      table = biasTable(m, windows.window, heads: heads)
    case .second:
      let cosines = m.unitLength("q_unit", q, lengths: logitScales(m, heads: heads))
      scores = m.matrixProduct("scores", cosines, m.unitLength("k_unit", k), transposingRight: true)
      table = continuousBiasTable(m, windows.window, heads: heads, firstWindow: firstWindows?[index])
    }
    m.ignoreParameter("relative_position_index")
    let attention = m.softmax("softmax", m.attentionBias("biased", scores, table: table, windows: windows))
    m.alias("attn_drop", attention)
    let mixed = m.matrixProduct("mixed", attention, v).permuted(0, 2, 1, 3).reshaped(to: x.shape)
    return m.linear("proj", mixed, outputs: width)
  }

  /// Keys of the second version have no bias. timm and the paper's repository store two of the three parts, torchvision
  /// all.
  private func queriesKeysValues(_ m: GraphBuilder, _ x: Value) -> Value {
    let width = x.shape[2]
    guard version == .second, hasQueryBias else { return m.linear("qkv", x, outputs: 3 * width, bias: hasQueryBias) }
    let isWhole = m.hasParameter("qkv.bias")
    let whole = isWhole ? m.parameter("qkv.bias", [3 * width]) : nil
    let q = whole?.samples(0..<width) ?? m.parameter("q_bias", [width])
    let v = whole?.samples(2 * width..<3 * width) ?? m.parameter("v_bias", [width])
    return m.linear(
      "qkv", x, bias: Tensor(q.scalars + [Float](repeating: 0, count: width) + v.scalars, shape: [3 * width]))
  }

  /// What cosines are multiplied by, for each head: at most 100.
  private func logitScales(_ m: GraphBuilder, heads: Int) -> [Float] {
    m.parameter("logit_scale", [heads, 1, 1]).scalars.map { exp(min($0, log(100))) }
  }

  // MARK: Windows

  /// The windows of a block: every second block shifts them by half, and a grid that is no larger than the window is one
  /// window that nothing shifts.
  func windows(of grid: Extent, side: Int, block number: Int) -> WindowGrid {
    func shift(_ length: Int) -> Int { number % 2 == 0 || length <= side ? 0 : side / 2 }
    func size(_ length: Int) -> Int { padsFirst ? side : min(length, side) }
    return WindowGrid(
      grid: grid, window: Extent(height: size(grid.height), width: size(grid.width)),
      shift: Extent(height: shift(grid.height), width: shift(grid.width)), padsFirst: padsFirst)
  }

  /// The side of the windows that the checkpoint's first table of biases is for: whoever trained on may have chosen others.
  func windowSide(_ m: GraphBuilder) -> Int {
    guard m.convertsParameters,
      let table = m.parameterShape("layers.0.blocks.0.attn.relative_position_bias_table"),
      let side = Self.squareSide(of: table)
    else { return window }
    return (side + 1) / 2
  }

  /// The number of rows of a table of biases for square windows, nil where it is none.
  private static func squareSide(of table: Shape) -> Int? {
    guard let count = table.extents.first, table.rank == 2 else { return nil }
    let side = Int(Double(count).squareRoot().rounded())
    return side * side == count && side % 2 == 1 ? side : nil
  }

  // MARK: Relative positions

  /// The learned biases, (2h − 1)(2w − 1) × heads, resampled where they were learned for other windows.
  private func biasTable(_ m: GraphBuilder, _ window: Extent, heads: Int) -> Tensor {
    let name = "relative_position_bias_table"
    let size = ImageSize(height: 2 * window.height - 1, width: 2 * window.width - 1)
    let wanted: Shape = [size.count, heads]
    guard m.convertsParameters, let found = m.parameterShape(name), found != wanted,
      let side = Self.squareSide(of: found), found[1] == heads
    else { return m.parameter(name, wanted) }
    return m.parameter(name, found).resampledBiases(from: side, to: size)
  }

  /// The biases that a network of two layers computes from the logarithms of the offsets, 16 σ(W₂ relu(W₁ x + b₁)),
  /// (2h − 1)(2w − 1) × heads (Liu et al. 2022, equations 3 and 4).
  private func continuousBiasTable(_ m: GraphBuilder, _ window: Extent, heads: Int, firstWindow: Int?) -> Tensor {
    m.ignoreParameter("relative_coords_table")
    let hidden = m.parameterShape("cpb_mlp.0.bias")?.count ?? 512
    let first = m.parameter("cpb_mlp.0.weight", [hidden, 2]).scalars
    let bias = m.parameter("cpb_mlp.0.bias", [hidden]).scalars
    let second = m.parameter("cpb_mlp.2.weight", [heads, hidden])
    let rows = Self.logarithmicOffsets(window.height, firstWindow: firstWindow)
    let columns = Self.logarithmicOffsets(window.width, firstWindow: firstWindow)
    let count = rows.count * columns.count
    guard m.hasParameter("cpb_mlp.0.weight") else { return Tensor(repeating: 0, shape: [count, heads]) }
    let activations = Tensor(unfilled: [count, hidden]) { activations in
      for offset in 0..<count {
        let (y, x) = (rows[offset / columns.count], columns[offset % columns.count])
        for unit in 0..<hidden {
          activations[offset * hidden + unit] = max(0, first[2 * unit] * y + first[2 * unit + 1] * x + bias[unit])
        }
      }
    }
    return Tensor(unfilled: [count, heads]) { table in
      activations.withScalars { activations in
        second.withScalars { second in
          MatrixMultiplication.multiplyInParallel(
            MatrixOperand(activations.base, stride: hidden), MatrixOperand(second.base, stride: hidden).transposed,
            into: table.base, outStride: heads, rows: count, columns: heads, depth: hidden)
        }
      }
      for index in 0..<table.count { table[index] = 16 / (1 + exp(-table[index])) }
    }
  }

  /// sign(Δ) log₂(1 + 8 |Δ| / (window − 1)) / 3 for the offsets Δ within a window.
  private static func logarithmicOffsets(_ side: Int, firstWindow: Int?) -> [Float] {
    let largest = Float(max(1, (firstWindow ?? side) - 1))
    return (1 - side..<side).map { offset in
      let scaled = Float(offset) / largest * 8
      return (scaled < 0 ? -1 : 1) * log2(abs(scaled) + 1) / 3
    }
  }
}
