import CKernels

/// The right side's panels, packed on the way where they were not packed ahead.
extension RowProduct {
  /// A piece of a panel: where it was packed ahead, or packed now.
  func panel(
    _ panel: Int, _ piece: Range<Int>, packedInto target: UnsafeMutablePointer<Float>, _ index: Int
  ) -> UnsafePointer<Float> {
    let width = PackedMatrix.width
    switch weights {
    case .packed(let matrix):
      return matrix.panel(panel, from: piece.lowerBound)
    case .matrix(let matrix, _, _, let magnitudes):
      let place = target + index * Self.depthAtOnce * width
      let count = min(width, columns - panel * width)
      let corner = matrix.columns(from: panel * width).rows(from: piece.lowerBound)
      if matrix.isTransposed {
        vitcam_pack_panel(corner.base, corner.stride, count, piece.count, place)
      } else {
        vitcam_pack_rows(corner.base, corner.stride, count, piece.count, place)
      }
      if magnitudes { vitcam_magnitudes(place, place, piece.count * width) }
      return UnsafePointer(place)
    }
  }

  /// Asks the memory for a share of a piece of a panel that will be packed soon. Reading weights for the first time takes
  /// as long as packing them; this way they come while something else is multiplied.
  func askFor(panel: Int, from first: Int, _ share: (Int, of: Int)) {
    guard case .matrix(let matrix, _, _, _) = weights, panel < panelCount else { return }
    let width = min(PackedMatrix.width, columns - panel * PackedMatrix.width)
    let piece = min(Self.depthAtOnce, depth - first)
    let corner = matrix.columns(from: panel * PackedMatrix.width).rows(from: first)
    // The rows of the piece in memory, and how long they are.
    let (rows, length) = matrix.isTransposed ? (width, piece) : (piece, width)
    let asked = rows * share.0 / share.of..<rows * (share.0 + 1) / share.of
    vitcam_prefetch_rows(corner.base + asked.lowerBound * corner.stride, corner.stride, asked.count, length)
  }
}
