/// What the left side of a ``RowProduct`` is read from, a few rows and a part of their depth at a time.
public protocol RowSource {
  /// Copies a range of the scalars of some rows to where they are multiplied; rows start `stride` scalars apart there.
  func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int)
}

/// The rows of a matrix in memory.
public struct MatrixRows: RowSource {
  let base: UnsafePointer<Float>
  let stride: Int

  /// Rows that start `stride` scalars apart.
  public init(_ base: UnsafePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  /// See ``RowSource/copy(rows:depth:into:stride:)``.
  public func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int) {
    for (index, row) in rows.enumerated() {
      (target + index * stride).update(from: base + row * self.stride + depth.lowerBound, count: depth.count)
    }
  }
}
