/// A matrix without negative values as a product of two thin ones without negative values: X ≈ W·H (Lee and Seung 1999).
///
/// By hierarchical alternating least squares (Cichocki and Phan 2009): each row of H and each column of W in turn becomes the
/// best one given the others. In double precision, from a start that the caller gives, so that the result is always the
/// same.
public struct NonNegativeFactors: Sendable {
  /// W, rows×count, row by row.
  public private(set) var left: [Double]
  /// H, count×columns, row by row.
  public private(set) var right: [Double]
  /// The number of factors.
  public let count: Int

  private let rows: Int
  private let columns: Int

  /// The factors of X, rows×columns.
  ///
  /// - Parameters:
  ///   - matrix: X, row by row; no value is negative.
  ///   - count: the number of factors.
  ///   - left: where W starts.
  ///   - right: where H starts.
  ///   - iterations: the most iterations.
  ///   - tolerance: it ends when an iteration lowers ‖X − W·H‖² by less than this share of ‖X‖².
  public init(
    _ matrix: [Double], rows: Int, columns: Int, count: Int, left: [Double], right: [Double], iterations: Int = 200,
    tolerance: Double = 1e-6
  ) {
    precondition(
      matrix.count == rows * columns && left.count == rows * count && right.count == count * columns,
      "factors of \(rows)×\(count) and \(count)×\(columns) do not fit \(matrix.count) values")
    self.left = left
    self.right = right
    self.count = count
    self.rows = rows
    self.columns = columns
    let size = matrix.reduce(0) { $0 + $1 * $1 }
    var last = Double.infinity
    for _ in 0..<iterations {
      improveRight(matrix)
      improveLeft(matrix)
      let error = squaredError(matrix)
      guard last - error > tolerance * size else { return }
      last = error
    }
  }

  /// The rows of H in turn: max(0, (WᵀX − WᵀW·H) / WᵀW + H) for one row at a time.
  private mutating func improveRight(_ matrix: [Double]) {
    let gram = gram(of: left, length: rows) { $0 * count + $1 }
    var products = [Double](repeating: 0, count: count * columns)
    for row in 0..<rows {
      for factor in 0..<count {
        let weight = left[row * count + factor]
        for column in 0..<columns { products[factor * columns + column] += weight * matrix[row * columns + column] }
      }
    }
    for factor in 0..<count where gram[factor * count + factor] > 0 {
      for column in 0..<columns {
        var rest = products[factor * columns + column]
        for other in 0..<count where other != factor {
          rest -= gram[factor * count + other] * right[other * columns + column]
        }
        right[factor * columns + column] = max(0, rest / gram[factor * count + factor])
      }
    }
  }

  /// The columns of W in turn, likewise.
  private mutating func improveLeft(_ matrix: [Double]) {
    let gram = gram(of: right, length: columns) { $1 * columns + $0 }
    for row in 0..<rows {
      let products = (0..<count).map { factor in
        (0..<columns).reduce(0.0) { $0 + matrix[row * columns + $1] * right[factor * columns + $1] }
      }
      for factor in 0..<count where gram[factor * count + factor] > 0 {
        var rest = products[factor]
        for other in 0..<count where other != factor {
          rest -= gram[factor * count + other] * left[row * count + other]
        }
        left[row * count + factor] = max(0, rest / gram[factor * count + factor])
      }
    }
  }

  /// The products of all pairs of factors, whose values `place` finds.
  private func gram(of values: [Double], length: Int, _ place: (_ index: Int, _ factor: Int) -> Int) -> [Double] {
    var gram = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0...a {
        let sum = (0..<length).reduce(0.0) { $0 + values[place($1, a)] * values[place($1, b)] }
        gram[a * count + b] = sum
        gram[b * count + a] = sum
      }
    }
    return gram
  }

  /// ‖X − W·H‖².
  private func squaredError(_ matrix: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        var rest = matrix[row * columns + column]
        for factor in 0..<count { rest -= left[row * count + factor] * right[factor * columns + column] }
        sum += rest * rest
      }
    }
    return sum
  }
}
