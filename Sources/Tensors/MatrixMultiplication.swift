import COpenBLAS

/// A matrix in memory: rows of consecutive scalars, `stride` scalars apart, read as they are or transposed.
public struct MatrixOperand {
  let base: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  /// A matrix whose rows start `stride` scalars apart.
  public init(_ base: UnsafePointer<Float>, stride: Int) {
    self.init(base, stride: stride, isTransposed: false)
  }

  private init(_ base: UnsafePointer<Float>, stride: Int, isTransposed: Bool) {
    self.base = base
    self.stride = stride
    self.isTransposed = isTransposed
  }

  /// The transpose, without moving anything.
  public var transposed: MatrixOperand {
    MatrixOperand(base, stride: stride, isTransposed: !isTransposed)
  }

  /// The rows from the given one on, of the matrix as it is read.
  func rows(from row: Int) -> MatrixOperand {
    MatrixOperand(base + (isTransposed ? row : row * stride), stride: stride, isTransposed: isTransposed)
  }

  /// The columns from the given one on, of the matrix as it is read.
  func columns(from column: Int) -> MatrixOperand {
    MatrixOperand(base + (isTransposed ? column * stride : column), stride: stride, isTransposed: isTransposed)
  }
}

/// A part of a matrix that one thread has computed.
public struct MatrixTile: Sendable {
  /// The rows of the tile.
  public let rows: Range<Int>
  /// The columns of the tile.
  public let columns: Range<Int>

  /// The tile of some rows and columns.
  public init(rows: Range<Int>, columns: Range<Int>) {
    self.rows = rows
    self.columns = columns
  }
}

/// Products of matrices, by OpenBLAS.
public enum MatrixMultiplication {
  /// out = scale · left · right (+ out, where `accumulate` says so) on the calling thread; left is rows×depth, right
  /// depth×columns, and the rows of `out` start `outStride` scalars apart.
  public static func multiply(
    _ left: MatrixOperand, _ right: MatrixOperand, into out: UnsafeMutablePointer<Float>, outStride: Int,
    rows: Int, columns: Int, depth: Int, scale: Float = 1, accumulate: Bool = false
  ) {
    guard rows > 0, columns > 0 else { return }
    _ = BLASKernels.current
    cblas_sgemm(
      CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans, right.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(depth), scale, left.base, blasint(left.stride), right.base,
      blasint(right.stride), accumulate ? 1 : 0, out, blasint(outStride))
  }

  /// out += row · right on the calling thread, the row being `depth` scalars, right depth×columns.
  static func addProduct(
    of row: UnsafePointer<Float>, _ right: MatrixOperand, to out: UnsafeMutablePointer<Float>, columns: Int, depth: Int
  ) {
    guard columns > 0, depth > 0 else { return }
    _ = BLASKernels.current
    let (storedRows, storedColumns) = right.isTransposed ? (columns, depth) : (depth, columns)
    cblas_sgemv(
      CblasRowMajor, right.isTransposed ? CblasNoTrans : CblasTrans, blasint(storedRows), blasint(storedColumns), 1,
      right.base, blasint(right.stride), row, 1, 1, out, 1)
  }

  /// out = scale · left · right on all threads of ``Workers/current``, by tiles. `finish` is called on each tile by the thread that computed
  /// it, while the tile is in its cache: the place for a bias or an activation.
  public static func multiplyInParallel(
    _ left: MatrixOperand, _ right: MatrixOperand, into out: UnsafeMutablePointer<Float>, outStride: Int,
    rows: Int, columns: Int, depth: Int, scale: Float = 1, finish: (MatrixTile) -> Void = { _ in }
  ) {
    let tiles = tiling(rows: rows, columns: columns, depth: depth, workers: Workers.current.count)
    Workers.current.forEach(tiles.count) { index in
      let tile = tiles[index]
      multiply(
        left.rows(from: tile.rows.lowerBound), right.columns(from: tile.columns.lowerBound),
        into: out + tile.rows.lowerBound * outStride + tile.columns.lowerBound, outStride: outStride,
        rows: tile.rows.count, columns: tile.columns.count, depth: depth, scale: scale)
      finish(tile)
    }
  }

  /// Cuts a product into tiles along its longer side: several for each thread, so that threads end together, but none so
  /// small that packing the operands would cost more than multiplying them.
  static func tiling(rows: Int, columns: Int, depth: Int, workers: Int) -> [MatrixTile] {
    let smallestSide = 64
    let scalarsInCache = 1 << 17  // 512 KiB: half of a usual second-level cache
    let longer = max(rows, columns)
    let wanted = max(workers > 1 ? workers * 2 : 1, rows * columns / scalarsInCache)
    let pieces = max(1, min(wanted, longer / smallestSide))
    return (0..<pieces).map { piece in
      let range = longer * piece / pieces..<longer * (piece + 1) / pieces
      return rows > columns
        ? MatrixTile(rows: range, columns: 0..<columns) : MatrixTile(rows: 0..<rows, columns: range)
    }
  }
}

extension MatrixMultiplication {
  /// The speed of a product on the threads of ``Workers/current``, in 10⁹ floating-point operations per second: the median
  /// of several runs.
  public static func measuredSpeed(rows: Int, columns: Int, depth: Int) -> Double {
    let left = Tensor(repeating: 0.5, shape: [rows, depth])
    let right = Tensor(repeating: 0.25, shape: [depth, columns])
    var out = Tensor(repeating: 0, shape: [rows, columns])
    let clock = ContinuousClock()
    let times = (0..<15).map { _ in
      clock.measure {
        out.withMutableScalars { out in
          left.withScalars { left in
            right.withScalars { right in
              multiplyInParallel(
                MatrixOperand(left.base, stride: depth), MatrixOperand(right.base, stride: columns), into: out.base,
                outStride: columns, rows: rows, columns: columns, depth: depth)
            }
          }
        }
      }
    }
    let (seconds, attoseconds) = times.sorted()[times.count / 2].components
    return 2 * Double(rows * columns * depth) / (Double(seconds) * 1e9 + Double(attoseconds) * 1e-9)
  }
}
