import CKernels
import Tensors

/// Matrices of one size within a sample of a tensor: where each begins, and how far apart its rows are. The scalars of a row
/// lie together.
struct StridedMatrices {
  let offsets: [Int]
  let rows: Int
  let columns: Int
  let rowStride: Int

  /// A view whose last two axes are rows and columns, and the axes before them count matrices; nil where the scalars of a
  /// row lie apart.
  init?(_ view: StridedView) {
    let rank = view.shape.rank
    guard rank >= 2, view.strides[rank - 1] == 1 || view.shape[-1] == 1 else { return nil }
    rows = view.shape[-2]
    columns = view.shape[-1]
    rowStride = max(view.strides[rank - 2], columns)
    offsets = zip(view.shape.extents, view.strides).dropLast(2).reduce([view.offset]) { offsets, axis in
      offsets.flatMap { offset in (0..<axis.0).map { offset + $0 * axis.1 } }
    }
  }

  /// One of the matrices of a sample.
  func matrix(_ index: Int, of sample: UnsafePointer<Float>) -> StridedMatrix {
    StridedMatrix(base: sample + offsets[index], stride: rowStride, rows: rows, columns: columns)
  }
}

/// A matrix in memory, to be packed for products.
struct StridedMatrix {
  let base: UnsafePointer<Float>
  let stride: Int
  let rows: Int
  let columns: Int

  /// Some of its rows.
  func rows(_ range: Range<Int>) -> StridedMatrix {
    StridedMatrix(base: base + range.lowerBound * stride, stride: stride, rows: range.count, columns: columns)
  }

  /// It as an operand of a product.
  var operand: MatrixOperand { MatrixOperand(base, stride: stride) }

  /// Asks the memory for it. Rows lie apart, so that the processor does not see by itself what comes next.
  func prefetch() { vitcam_prefetch_rows(base, stride, rows, columns) }

  private static let panel = Int(VITCAM_PANEL_COLUMNS)

  /// How many floats a right side of a product takes when it is packed.
  static func packedCount(columns: Int, depth: Int) -> Int { (columns + panel - 1) / panel * panel * depth }

  /// Packs it as the right side of a product.
  func pack(into packed: UnsafeMutablePointer<Float>) {
    for first in Swift.stride(from: 0, to: columns, by: Self.panel) {
      vitcam_pack_rows(base + first, stride, min(Self.panel, columns - first), rows, packed + first * rows)
    }
  }

  /// Packs its transpose as the right side of a product.
  func packTransposed(into packed: UnsafeMutablePointer<Float>) {
    for first in Swift.stride(from: 0, to: rows, by: Self.panel) {
      vitcam_pack_panel(
        base + first * stride, stride, min(Self.panel, rows - first), columns, packed + first * columns)
    }
  }
}
