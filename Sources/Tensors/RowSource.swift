/// What the left side of a ``RowProduct`` is read from, a few rows and a part of their depth at a time.
public protocol RowSource {
  /// The rows where they lie, if they can be multiplied there; they are copied otherwise.
  var memory: MatrixRows? { get }
  /// Copies a range of the scalars of some rows to where they are multiplied; rows start `stride` scalars apart there.
  func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int)
}

extension RowSource {
  /// Rows are put together from what lies elsewhere.
  public var memory: MatrixRows? { nil }
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

  /// Themselves, unless they start whole pages of memory apart: then the rows of a block would displace each other in the
  /// first-level cache.
  public var memory: MatrixRows? { stride % 1024 == 0 ? nil : self }

  /// See ``RowSource/copy(rows:depth:into:stride:)``.
  public func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int) {
    for (index, row) in rows.enumerated() {
      (target + index * stride).update(from: base + row * self.stride + depth.lowerBound, count: depth.count)
    }
  }
}
