import TestSupport
import Testing

@testable import Tensors

@Suite("Matrix multiplication")
struct MatrixMultiplicationTests {
  /// One product with operands that are stored transposed or not, and rows that lie apart.
  struct Case: CustomTestStringConvertible {
    let rows: Int, columns: Int, depth: Int
    let leftTransposed: Bool, rightTransposed: Bool
    let gap: Int

    var testDescription: String {
      "\(rows)×\(depth)\(leftTransposed ? "ᵀ" : "") · \(depth)×\(columns)\(rightTransposed ? "ᵀ" : ""), gap \(gap)"
    }
  }

  static let cases: [Case] = [(1, 1, 1), (3, 5, 7), (2, 300, 9), (300, 2, 33), (197, 130, 64), (150, 150, 40)].flatMap {
    (rows, columns, depth) in
    [false, true].flatMap { left in
      [false, true].flatMap { right in
        [0, 3].map {
          Case(
            rows: rows, columns: columns, depth: depth, leftTransposed: left, rightTransposed: right, gap: $0)
        }
      }
    }
  }

  /// A stored matrix with `gap` scalars after each row, and how to read it.
  private struct Stored {
    let scalars: [Float]
    let stride: Int
    let isTransposed: Bool

    init(rows: Int, columns: Int, transposed: Bool, gap: Int, seed: UInt64) {
      let (storedRows, storedColumns) = transposed ? (columns, rows) : (rows, columns)
      stride = storedColumns + gap
      isTransposed = transposed
      scalars = Tensor.random([storedRows * stride], seed: seed).scalars
    }

    func at(_ row: Int, _ column: Int) -> Double {
      Double(scalars[isTransposed ? column * stride + row : row * stride + column])
    }

    func operand(_ base: UnsafePointer<Float>) -> MatrixOperand {
      let operand = MatrixOperand(base, stride: stride)
      return isTransposed ? operand.transposed : operand
    }
  }

  @Test("equals three plain loops for every transposition and stride, on one thread and on two", arguments: cases)
  func plainLoops(of test: Case) {
    let (rows, columns, depth) = (test.rows, test.columns, test.depth)
    let left = Stored(rows: rows, columns: depth, transposed: test.leftTransposed, gap: test.gap, seed: 1)
    let right = Stored(rows: depth, columns: columns, transposed: test.rightTransposed, gap: test.gap, seed: 2)
    let outStride = columns + test.gap
    // Not a number where nothing may be written, and where nothing may be read.
    var expected = [Float](repeating: .nan, count: rows * outStride)
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<depth).reduce(0) { $0 + left.at(row, $1) * right.at($1, column) }
        expected[row * outStride + column] = Float(0.5 * sum)
      }
    }
    for workers in [1, 2] {
      var found = [Float](repeating: .nan, count: rows * outStride)
      Workers.$current.withValue(Workers(count: workers)) {
        left.scalars.withUnsafeBufferPointer { a in
          right.scalars.withUnsafeBufferPointer { b in
            found.withUnsafeMutableBufferPointer { out in
              MatrixMultiplication.multiplyInParallel(
                left.operand(a.base), right.operand(b.base), into: out.base, outStride: outStride, rows: rows,
                columns: columns, depth: depth, scale: 0.5)
            }
          }
        }
      }
      expectClose(found, expected, tolerance: .relative(1e-5), "\(workers) threads")
    }
  }

  @Test("adds to what is there where it is told to")
  func accumulation() {
    var out: [Float] = [100, 200]
    out.withUnsafeMutableBufferPointer { out in
      [Float](arrayLiteral: 1, 2).withUnsafeBufferPointer { a in
        [Float](arrayLiteral: 3, 4, 5, 6).withUnsafeBufferPointer { b in
          MatrixMultiplication.multiply(
            MatrixOperand(a.base, stride: 2), MatrixOperand(b.base, stride: 2), into: out.base, outStride: 2,
            rows: 1, columns: 2, depth: 2, accumulate: true)
        }
      }
    }
    #expect(out == [113, 216])
  }

  @Test(
    "tiles cover the product exactly once",
    arguments: [(1, 1), (197, 3072), (3072, 197), (64, 64), (7, 5000), (128, 127)], [1, 2, 5, 64])
  func tiles(extent: (rows: Int, columns: Int), workers: Int) {
    let tiles = MatrixMultiplication.tiling(rows: extent.rows, columns: extent.columns, depth: 64, workers: workers)
    var covered = [Int](repeating: 0, count: extent.rows * extent.columns)
    for tile in tiles {
      #expect(!tile.rows.isEmpty && !tile.columns.isEmpty)
      for row in tile.rows { for column in tile.columns { covered[row * extent.columns + column] += 1 } }
    }
    #expect(covered.allSatisfy { $0 == 1 })
  }

  @Test("every tile is finished once, after it has been computed")
  func finishing() {
    let (rows, columns) = (200, 300)
    let ones = [Float](repeating: 1, count: rows * 300)
    let out = Tensor(unfilled: [rows, columns]) { out in
      ones.withUnsafeBufferPointer { ones in
        Workers.$current.withValue(Workers(count: 2)) {
          MatrixMultiplication.multiplyInParallel(
            MatrixOperand(ones.base, stride: 8), MatrixOperand(ones.base, stride: 300), into: out.base,
            outStride: columns, rows: rows, columns: columns, depth: 8
          ) { tile in
            for row in tile.rows { for column in tile.columns { out[row * columns + column] += 0.5 } }
          }
        }
      }
    }
    #expect(out.scalars.allSatisfy { $0 == 8.5 })
  }
}
