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

}
