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
        let planes = extents.dropLast(2).reduce(1, *)
        let planeSize = count / planes
        let workers = Workers.current
        let work = { (range: Range<Int>) in
          for plane in range {
            var offset = 0
            var rest = plane
            for axis in (0..<extents.count - 2).reversed() {
              offset += rest % extents[axis] * strides[axis]
              rest /= extents[axis]
            }
            Self.copyPlane(
              from: source.base + offset, to: destination.base + plane * planeSize, rows: extents[extents.count - 2],
              columns: extents[extents.count - 1], rowStride: strides[extents.count - 2],
              columnStride: strides[extents.count - 1])
          }
        }
        workers.forEachRange(of: planes, grain: max(1, (1 << 14) / planeSize), work)
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

  /// Copies a matrix whose rows and columns are strided into consecutive memory: row by row where rows are consecutive,
  /// else in blocks that fit the cache.
  private static func copyPlane(
    from source: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    rowStride: Int, columnStride: Int
  ) {
    if columnStride == 1 {
      for row in 0..<rows {
        (destination + row * columns).update(from: source + row * rowStride, count: columns)
      }
      return
    }
    let block = 32
    for firstRow in stride(from: 0, to: rows, by: block) {
      for firstColumn in stride(from: 0, to: columns, by: block) {
        for row in firstRow..<min(firstRow + block, rows) {
          for column in firstColumn..<min(firstColumn + block, columns) {
            destination[row * columns + column] = source[row * rowStride + column * columnStride]
          }
        }
      }
    }
  }
}
