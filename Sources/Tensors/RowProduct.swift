import CKernels

/// out = finish(x · W + bias + addend) on all threads of ``Workers/current``: the product behind linear layers and
/// convolutions, whose result is finished while it is in a core's cache.
///
/// The work is cut into parts of some rows and some panels of columns. A part copies its rows, a piece of their depth at a
/// time, to where they fit the cache, and multiplies them by its panels, which are packed on the way unless they were
/// packed ahead.
public struct RowProduct {
  /// The right side of a product.
  public enum Weights {
    /// Packed ahead.
    case packed(PackedMatrix)
    /// In memory, depth × columns.
    case matrix(MatrixOperand, columns: Int, depth: Int)
  }

  /// What becomes of each sum.
  public enum Finish: Sendable {
    /// It is the result.
    case none
    /// It is kept between two bounds, as by ReLU and ReLU6.
    case clamped(ClosedRange<Float>)
    /// It is put through a kernel.
    case mapped(@Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void)

    /// Finishes some results in place.
    public func apply(to results: UnsafeMutablePointer<Float>, count: Int) {
      switch self {
      case .none: break
      case .clamped(let bounds): vitcam_clamp(results, bounds.lowerBound, bounds.upperBound, results, count)
      case .mapped(let kernel): kernel(results, results, count)
      }
    }
  }

  private let weights: Weights
  private let columns: Int
  private let depth: Int
  private let bias: Tensor
  private let finish: Finish

  /// A product with the given weights; `bias` has a scalar for each column.
  public init(weights: Weights, bias: Tensor?, finish: Finish = .none) {
    self.weights = weights
    switch weights {
    case .packed(let matrix): (columns, depth) = (matrix.columns, matrix.depth)
    case .matrix(_, let columns, let depth): (self.columns, self.depth) = (columns, depth)
    }
    self.bias = bias ?? Tensor(repeating: 0, shape: [columns])
    self.finish = finish
  }

  /// Multiplies all rows of a source into `out`, whose rows lie together.
  ///
  /// - Parameter addend: rows × columns in memory, added before the sums are finished.
  public func callAsFunction(
    _ source: some RowSource, rows: Int, addend: UnsafePointer<Float>? = nil, into out: UnsafeMutablePointer<Float>
  ) {
    let parts = parts(rows: rows)
    let scratch = Scratch(rows: parts.map(\.rows.count).max() ?? 0, panels: packsOnTheWay ? Self.panelsAtOnce : 0)
    bias.withScalars { bias in
      Workers.current.forEach(parts.count, scratch: scratch.count) { index, memory in
        compute(parts[index], source, addend: addend, into: out, bias: bias.base, scratch: scratch, memory)
      }
    }
  }

  // MARK: Parts

  private struct Part {
    let rows: Range<Int>
    let panels: Range<Int>
  }

  private static let rowsOfBlock = Int(VITCAM_PANEL_ROWS)
  private static let depthAtOnce = Int(VITCAM_PANEL_DEPTH)
  private static let rowStride = Int(VITCAM_PANEL_ROW_STRIDE)
  /// Panels that are packed on the way, and stay in the second-level cache.
  private static let panelsAtOnce = 4

  private var packsOnTheWay: Bool {
    if case .matrix = weights { true } else { false }
  }

  /// Cuts the product so that each part's rows fit the second-level cache and there are enough parts for all threads.
  /// Packing is paid for by rows, so parts have more of them where there is something to pack.
  private func parts(rows: Int) -> [Part] {
    let mostRows = Self.rowsOfBlock * (packsOnTheWay ? 32 : 16)
    let panels = PackedMatrix.panelCount(columns)
    let threads = Workers.current.count
    let rowParts = max(1, (rows + mostRows - 1) / mostRows)
    let wanted = threads == 1 ? 1 : 4 * threads
    let atOnce = max(1, panels / max(1, min(panels, wanted / rowParts)))
    let panelsOfPart = packsOnTheWay ? min(atOnce, Self.panelsAtOnce) : atOnce
    let panelParts = (panels + panelsOfPart - 1) / panelsOfPart
    return (0..<rowParts * panelParts).map { index in
      let (row, panel) = (index / panelParts, index % panelParts)
      return Part(
        rows: rows * row / rowParts..<rows * (row + 1) / rowParts,
        panels: panels * panel / panelParts..<panels * (panel + 1) / panelParts)
    }
  }

  /// Where a part keeps its rows and, behind them, its panels.
  private struct Scratch {
    let rows: Int
    let panels: Int
    var firstPanel: Int { rows * RowProduct.rowStride }
    var count: Int { firstPanel + panels * RowProduct.depthAtOnce * PackedMatrix.width }
  }

  private func compute(
    _ part: Part, _ source: some RowSource, addend: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>,
    bias: UnsafePointer<Float>, scratch: Scratch, _ memory: UnsafeMutablePointer<Float>
  ) {
    var first = 0
    repeat {
      let piece = first..<min(depth, first + Self.depthAtOnce)
      source.copy(rows: part.rows, depth: piece, into: memory, stride: Self.rowStride)
      for (index, panel) in part.panels.enumerated() {
        let packed = self.panel(panel, piece, packedInto: memory + scratch.firstPanel, index)
        multiply(part.rows, memory, panel: panel, packed, piece, addend: addend, into: out, bias: bias)
      }
      first = piece.upperBound
    } while first < depth
    if case .mapped(let kernel) = finish {
      let columns = part.panels.lowerBound * PackedMatrix.width..<min(
        columns, part.panels.upperBound * PackedMatrix.width)
      for row in part.rows {
        let place = out + row * self.columns + columns.lowerBound
        kernel(place, place, columns.count)
      }
    }
  }

  /// A piece of a panel: where it was packed ahead, or packed now.
  private func panel(
    _ panel: Int, _ piece: Range<Int>, packedInto target: UnsafeMutablePointer<Float>, _ index: Int
  ) -> UnsafePointer<Float> {
    let width = PackedMatrix.width
    switch weights {
    case .packed(let matrix):
      return matrix.panels.withScalars { $0.base + (panel * depth + piece.lowerBound) * width }
    case .matrix(let matrix, _, _):
      let place = target + index * Self.depthAtOnce * width
      let count = min(width, columns - panel * width)
      let corner = matrix.columns(from: panel * width).rows(from: piece.lowerBound)
      if matrix.isTransposed {
        vitcam_pack_panel(corner.base, corner.stride, count, piece.count, place)
      } else {
        vitcam_pack_rows(corner.base, corner.stride, count, piece.count, place)
      }
      return UnsafePointer(place)
    }
  }

  /// Multiplies copied rows by a piece of a panel, a block of rows at a time. The first piece starts from the bias, the
  /// last one ends with the addend and the bounds.
  private func multiply(
    _ rows: Range<Int>, _ copied: UnsafePointer<Float>, panel: Int, _ packed: UnsafePointer<Float>, _ piece: Range<Int>,
    addend: UnsafePointer<Float>?, into out: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>
  ) {
    let column = panel * PackedMatrix.width
    let isLast = piece.upperBound == depth
    var product = VitcamPanelProduct()
    product.depth = piece.count
    product.out_stride = columns
    product.addend_stride = columns
    product.bias = piece.lowerBound == 0 ? bias + column : nil
    if isLast, case .clamped(let bounds) = finish {
      product.is_clamped = true
      product.lowest = bounds.lowerBound
      product.highest = bounds.upperBound
    }
    let blocks = (rows.count + Self.rowsOfBlock - 1) / Self.rowsOfBlock
    for block in 0..<blocks {
      let first = rows.count * block / blocks
      product.row_count = rows.count * (block + 1) / blocks - first
      let place = (rows.lowerBound + first) * columns + column
      vitcam_panel_product(
        &product, copied + first * Self.rowStride, packed, isLast ? addend.map { $0 + place } : nil, out + place,
        min(PackedMatrix.width, columns - column))
    }
  }
}
