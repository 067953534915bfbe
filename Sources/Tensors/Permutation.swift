import CKernels

extension Tensor {
  /// The axes in another order: axis i of the result is axis `axes[i]` of this tensor.
  public func permuted(_ axes: [Int]) -> Tensor {
    precondition(axes.sorted() == Array(0..<shape.rank), "\(axes) is no order of the axes of \(shape)")
    let result = Shape(axes.map { shape[$0] })
    guard count > 0 else { return reshaped(to: result) }
    let (extents, strides) = mergedAxes(axes)
    guard extents.count > 1 else { return reshaped(to: result) }
    return Tensor(unfilled: result) { destination in
      withScalars { source in
        let matrix = StridedMatrix(
          rows: extents[extents.count - 2], columns: extents[extents.count - 1],
          rowStride: strides[extents.count - 2], columnStride: strides[extents.count - 1])
        let outer = zip(extents, strides).dropLast(2).reversed()
        let bands = (matrix.rows + StridedMatrix.block - 1) / StridedMatrix.block
        Self.forEachRow(of: count / matrix.count * bands, columns: matrix.count / bands) { range in
          for index in range {
            let (plane, band) = (index / bands, index % bands)
            var offset = 0
            var rest = plane
            for (extent, stride) in outer {
              offset += rest % extent * stride
              rest /= extent
            }
            let firstRow = band * StridedMatrix.block
            matrix.copy(
              rows: firstRow..<min(firstRow + StridedMatrix.block, matrix.rows), from: source.base + offset,
              to: destination.base + plane * matrix.count)
          }
        }
      }
    }
  }

  /// The extents of the permuted axes and their strides in this tensor, neighbours that stay neighbours being one axis.
  private func mergedAxes(_ axes: [Int]) -> (extents: [Int], strides: [Int]) {
    var strides = [Int](repeating: 1, count: shape.rank)
    for axis in (0..<max(0, shape.rank - 1)).reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    var extents = [Int]()
    var mergedStrides = [Int]()
    for axis in axes where shape[axis] != 1 {
      if let last = mergedStrides.last, last == strides[axis] * shape[axis] {
        extents[extents.count - 1] *= shape[axis]
        mergedStrides[mergedStrides.count - 1] = strides[axis]
      } else {
        extents.append(shape[axis])
        mergedStrides.append(strides[axis])
      }
    }
    return (extents, mergedStrides)
  }
}

/// A matrix whose neighbours in a row and in a column are some way apart.
private struct StridedMatrix {
  /// Rows and columns that are copied together.
  static let block = 32

  let rows: Int
  let columns: Int
  let rowStride: Int
  let columnStride: Int

  var count: Int { rows * columns }

  /// Copies some rows into consecutive memory: row by row where rows are consecutive, turned around where columns are, else in
  /// blocks that fit the cache.
  func copy(rows: Range<Int>, from source: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>) {
    if columnStride == 1 {
      for row in rows { (destination + row * columns).update(from: source + row * rowStride, count: columns) }
      return
    }
    if rowStride == 1 {
      let (source, destination) = (source + rows.lowerBound, destination + rows.lowerBound * columns)
      vitcam_transpose(source, columnStride, destination, columns, rows.count, columns)
      return
    }
    for first in stride(from: 0, to: columns, by: Self.block) {
      let block = first..<min(first + Self.block, columns)
      // The longer stride goes outside, where the same few sets of the cache would be fought for.
      if columnStride > columns {
        for column in block {
          for row in rows { destination[row * columns + column] = source[row * rowStride + column * columnStride] }
        }
      } else {
        for row in rows {
          for column in block { destination[row * columns + column] = source[row * rowStride + column * columnStride] }
        }
      }
    }
  }
}
