import CKernels

/// What rows of a product are multiplied by: a piece of the depth of one panel.
struct PanelProduct {
  /// Piece × 32 scalars.
  let panel: UnsafePointer<Float>
  /// How many scalars of the depth the piece has.
  let depth: Int
  /// How many of the 32 columns count.
  let columns: Int
  /// What the sums start with, a scalar for each column; what is in the result already where nil.
  var bias: UnsafePointer<Float>?
  /// What the sums are kept between when they are finished.
  var bounds: ClosedRange<Float>?

  /// The rows that are multiplied at once.
  static let rowsOfBlock = Int(VITCAM_PANEL_ROWS)
  /// The most of the depth that is multiplied at once.
  static let depthAtOnce = Int(VITCAM_PANEL_DEPTH)

  /// The pieces of a depth.
  static func pieces(of depth: Int) -> [Range<Int>] {
    stride(from: 0, to: max(1, depth), by: depthAtOnce).map { $0..<min(depth, $0 + depthAtOnce) }
  }

  /// Multiplies some rows, a block of them at a time; rows of `x` start `rowStride` scalars apart, those of `addend` and `out`
  /// `outStride`.
  func callAsFunction(
    _ x: UnsafePointer<Float>, rows: Int, rowStride: Int, addend: UnsafePointer<Float>? = nil,
    into out: UnsafeMutablePointer<Float>, outStride: Int, beforeBlock ask: (_ share: (Int, of: Int)) -> Void = { _ in }
  ) {
    var product = VitcamPanelProduct()
    product.depth = depth
    product.row_stride = rowStride
    product.out_stride = outStride
    product.addend_stride = outStride
    product.bias = bias
    if let bounds {
      product.is_clamped = true
      product.lowest = bounds.lowerBound
      product.highest = bounds.upperBound
    }
    let blocks = (rows + Self.rowsOfBlock - 1) / Self.rowsOfBlock
    for block in 0..<blocks {
      ask((block, of: blocks))
      let first = rows * block / blocks
      product.row_count = rows * (block + 1) / blocks - first
      vitcam_panel_product(
        &product, x + first * rowStride, panel, addend.map { $0 + first * outStride }, out + first * outStride, columns)
    }
  }
}
