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
    /// In memory, depth × columns; with `magnitudes`, each scalar without its sign.
    case matrix(MatrixOperand, columns: Int, depth: Int, magnitudes: Bool = false)
  }

  /// What becomes of each sum.
  public enum Finish: Sendable {
    /// It is the result.
    case none
    /// It is kept between two bounds, as by ReLU and ReLU6.
    case clamped(ClosedRange<Float>)
    /// It is put through a kernel.
    case mapped(@Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void)

    /// What the results are kept between, if that is all.
    public var bounds: ClosedRange<Float>? {
      if case .clamped(let bounds) = self { bounds } else { nil }
    }

    /// Finishes some results in place.
    public func apply(to results: UnsafeMutablePointer<Float>, count: Int) {
      switch self {
      case .none: break
      case .clamped(let bounds): vitcam_clamp(results, bounds.lowerBound, bounds.upperBound, results, count)
      case .mapped(let kernel): kernel(results, results, count)
      }
    }
  }

  let weights: Weights
  let columns: Int
  let depth: Int
  private let bias: Tensor
  private let finish: Finish

  /// A product with the given weights; `bias` has a scalar for each column.
  public init(weights: Weights, bias: Tensor?, finish: Finish = .none) {
    self.weights = weights
    switch weights {
    case .packed(let matrix): (columns, depth) = (matrix.columns, matrix.depth)
    case .matrix(_, let columns, let depth, _): (self.columns, self.depth) = (columns, depth)
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
    if case .matrix(let matrix, _, _, magnitudes: false) = weights, rows < Self.rowsWorthPacking {
      multiplyFew(rows, of: source, by: matrix, addend: addend, into: out)
      return
    }
    let parts = parts(rows: rows)
    let panels = packsOnTheWay ? Self.panelsAtOnce * Self.depthAtOnce * PackedMatrix.width : 0
    bias.withScalars { bias in
      let target = Target(out: out, addend: addend, bias: bias.base)
      if let memory = source.memory {
        Workers.current.forEach(parts.count, scratch: panels) { index, scratch in
          let first = memory.base + parts[index].rows.lowerBound * memory.stride
          compute(parts[index], into: target, packingInto: scratch) { piece in
            MatrixRows(first + piece.lowerBound, stride: memory.stride)
          }
        }
      } else if parts.contains(where: { $0.panels.count < panelCount }), rows * depth < Self.mostCopied {
        // Parts that differ in their panels read the same rows, which are copied once for all.
        let copied = copy(of: source, rows: rows)
        copied.withScalars { copied in
          Workers.current.forEach(parts.count, scratch: panels) { index, scratch in
            compute(parts[index], into: target, packingInto: scratch) { piece in
              let rowsBefore = piece.lowerBound / Self.depthAtOnce * rows + parts[index].rows.lowerBound
              return MatrixRows(copied.base + rowsBefore * Self.rowStride, stride: Self.rowStride)
            }
          }
        }
      } else {
        let mostRows = parts.map(\.rows.count).max() ?? 0
        Workers.current.forEach(parts.count, scratch: mostRows * Self.rowStride + panels) { index, scratch in
          compute(parts[index], into: target, packingInto: scratch + mostRows * Self.rowStride) { piece in
            source.copy(rows: parts[index].rows, depth: piece, into: scratch, stride: Self.rowStride)
            return MatrixRows(scratch, stride: Self.rowStride)
          }
        }
      }
    }
  }

  /// All rows, one piece of the depth after the other: [pieces, rows, row stride].
  private func copy(of source: some RowSource, rows: Int) -> Tensor {
    let pieces = PanelProduct.pieces(of: depth)
    return Tensor(unfilled: [pieces.count, rows, Self.rowStride]) { copied in
      Workers.current.forEachRange(of: rows, grain: max(1, (1 << 14) / max(1, depth))) { range in
        for (index, piece) in pieces.enumerated() {
          source.copy(
            rows: range, depth: piece, into: copied.base + (index * rows + range.lowerBound) * Self.rowStride,
            stride: Self.rowStride)
        }
      }
    }
  }

  /// Packing a matrix costs more than multiplying so few rows by it: each is a product of the matrix and a vector, which
  /// takes as long as reading the matrix does.
  private func multiplyFew(
    _ rows: Int, of source: some RowSource, by matrix: MatrixOperand, addend: UnsafePointer<Float>?,
    into out: UnsafeMutablePointer<Float>
  ) {
    let copied = Tensor(unfilled: [rows, depth]) {
      source.copy(rows: 0..<rows, depth: 0..<depth, into: $0.base, stride: depth)
    }
    copied.withScalars { copied in
      bias.withScalars { bias in
        Workers.current.forEachRange(of: columns, grain: max(1, (1 << 16) / max(1, depth))) { range in
          for row in 0..<rows {
            let place = out + row * columns + range.lowerBound
            place.update(from: bias.base + range.lowerBound, count: range.count)
            if let addend { vitcam_add(place, addend + row * columns + range.lowerBound, place, range.count) }
            MatrixMultiplication.addProduct(
              of: copied.base + row * depth, matrix.columns(from: range.lowerBound), to: place, columns: range.count,
              depth: depth)
            finish.apply(to: place, count: range.count)
          }
        }
      }
    }
  }

  private static let rowsWorthPacking = 4

  // MARK: Parts

  static let depthAtOnce = PanelProduct.depthAtOnce
  /// How far apart copied rows start.
  private static let rowStride = Int(VITCAM_PANEL_ROW_STRIDE)
  /// Rows that stay in the second-level cache while panels are multiplied by them.
  private static let rowsAtOnce = 16 * PanelProduct.rowsOfBlock
  /// Panels that are packed on the way, and stay there too.
  private static let panelsAtOnce = 8
  /// The most scalars that are copied for all parts: 32 MiB.
  private static let mostCopied = 1 << 23

  var panelCount: Int { PackedMatrix.panelCount(columns) }

  private var packsOnTheWay: Bool {
    if case .matrix = weights { true } else { false }
  }

  /// Cuts the product so that each part's rows fit the second-level cache and there are enough parts for all threads.
  /// Packing is paid for by rows, so parts have more of them where there is something to pack.
  private func parts(rows: Int) -> [ProductPart] {
    let mostRows = packsOnTheWay ? 4 * Self.rowsAtOnce : Self.rowsAtOnce
    let panels = panelCount
    let fewest = max(1, (rows + mostRows - 1) / mostRows)
    let wanted = ProductPart.wanted
    let atOnce = max(1, panels / max(1, min(panels, wanted / fewest)))
    let panelsOfPart = packsOnTheWay ? min(atOnce, Self.panelsAtOnce) : atOnce
    let panelParts = (panels + panelsOfPart - 1) / panelsOfPart
    let rowParts = max(fewest, min(wanted / panelParts, rows / Self.rowsAtOnce))
    return ProductPart.grid(rows: rows, in: rowParts, panels: panels, in: panelParts)
  }

  /// Where results go, and what is added to them.
  private struct Target {
    let out: UnsafeMutablePointer<Float>
    let addend: UnsafePointer<Float>?
    let bias: UnsafePointer<Float>
  }

  /// Computes a part. `rows` gives the part's rows for one piece of the depth. Some rows at a time meet all panels, so that
  /// both stay in the second-level cache.
  private func compute(
    _ part: ProductPart, into target: Target, packingInto scratch: UnsafeMutablePointer<Float>,
    rows: (_ piece: Range<Int>) -> MatrixRows
  ) {
    for piece in PanelProduct.pieces(of: depth) {
      let rows = rows(piece)
      let isLast = piece.upperBound == depth
      let products = part.panels.enumerated().map { index, panel in
        let column = panel * PackedMatrix.width
        return PanelProduct(
          panel: self.panel(panel, piece, packedInto: scratch, index), depth: piece.count,
          columns: min(PackedMatrix.width, columns - column),
          // The first piece starts from the bias, the last one ends with the addend and the bounds.
          bias: piece.lowerBound == 0 ? target.bias + column : nil, bounds: isLast ? finish.bounds : nil)
      }
      let times = (part.rows.count + Self.rowsAtOnce - 1) / Self.rowsAtOnce
      for time in 0..<times {
        let first = part.rows.count * time / times
        let count = part.rows.count * (time + 1) / times - first
        for (panel, product) in zip(part.panels, products) {
          let place = (part.rows.lowerBound + first) * columns + panel * PackedMatrix.width
          let next = isLast ? (panel + part.panels.count, 0) : (panel, piece.upperBound)
          product(
            rows.base + first * rows.stride, rows: count, rowStride: rows.stride,
            addend: isLast ? target.addend.map { $0 + place } : nil, into: target.out + place, outStride: columns
          ) { if first == 0 { askFor(panel: next.0, from: next.1, $0) } }
        }
        if isLast { apply(to: part.rows.lowerBound + first, count: count, part.panels, of: target) }
      }
    }
  }

  /// Finishes some rows of results that are not finished yet.
  private func apply(to firstRow: Int, count: Int, _ panels: Range<Int>, of target: Target) {
    guard case .mapped(let kernel) = finish else { return }
    let first = panels.lowerBound * PackedMatrix.width
    let width = min(columns, panels.upperBound * PackedMatrix.width) - first
    for row in firstRow..<firstRow + count {
      let place = target.out + row * columns + first
      kernel(place, place, width)
    }
  }
}
