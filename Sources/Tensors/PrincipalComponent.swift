extension Tensor {
  /// The feature maps of each sample projected on their first principal component: B×C×H×W gives B×H×W.
  ///
  /// With X, (H·W)×C, the centred columns of a sample and v its leading right-singular vector, this is X·v. The sign of v
  /// is arbitrary; here the value of the largest magnitude is positive (Chung and Ying 2025, equation 13). A sample that is
  /// not finite gives NaN everywhere.
  public func principalProjection() -> Tensor {
    precondition(shape.rank == 4, "expected B×C×H×W, found \(shape)")
    let size = shape[2] * shape[3]
    let values = (0..<shape[0]).flatMap { sample in
      PrincipalComponent.projection(of: self[sample].scalars.map(Double.init), variables: shape[1], places: size)
    }
    return Tensor(values.map(Float.init), shape: [shape[0], shape[2], shape[3]])
  }
}

/// The first principal component, in double precision, without ever forming a matrix of products.
enum PrincipalComponent {
  /// X·v for `variables` rows of `places` values each, the value of the largest magnitude positive.
  static func projection(of rows: [Double], variables: Int, places: Int) -> [Double] {
    guard rows.allSatisfy(\.isFinite) else { return [Double](repeating: .nan, count: places) }
    var rows = centred(rows, places: places)
    // So that squares neither overflow nor vanish.
    let scale = rows.reduce(0) { max($0, abs($1)) }
    guard scale > 0 else { return [Double](repeating: 0, count: places) }
    for index in rows.indices { rows[index] /= scale }
    let columns = transposed(rows, rows: variables, columns: places)
    var projection = [Double](repeating: 0, count: places)
    if variables <= places {
      var between = [Double](repeating: 0, count: places)
      let leading = LeadingEigenpair(order: variables) { vector, product in
        between.withUnsafeMutableBufferPointer { between in
          combine(rows, weights: vector, into: between)
          combine(columns, weights: UnsafeBufferPointer(between), into: product)
        }
      }
      projection.withUnsafeMutableBufferPointer { projection in
        leading.vector.withUnsafeBufferPointer { combine(rows, weights: $0, into: projection) }
      }
    } else {
      // X·v = √λ·u, where u is the leading eigenvector of X·Xᵀ and λ its eigenvalue.
      var between = [Double](repeating: 0, count: variables)
      let leading = LeadingEigenpair(order: places) { vector, product in
        between.withUnsafeMutableBufferPointer { between in
          combine(columns, weights: vector, into: between)
          combine(rows, weights: UnsafeBufferPointer(between), into: product)
        }
      }
      projection = leading.vector.map { $0 * leading.value.squareRoot() }
    }
    return withLargestPositive(projection.map { $0 * scale })
  }

  /// The values, all negated where the one of the largest magnitude is negative.
  static func withLargestPositive(_ values: [Double]) -> [Double] {
    let (smallest, largest) = (values.min() ?? 0, values.max() ?? 0)
    return abs(smallest) > abs(largest) ? values.map { -$0 } : values
  }

  private static func centred(_ rows: [Double], places: Int) -> [Double] {
    var result = rows
    for start in stride(from: 0, to: rows.count, by: max(1, places)) {
      let mean = rows[start..<start + places].reduce(0, +) / Double(places)
      for index in start..<start + places { result[index] -= mean }
    }
    return result
  }

  private static func transposed(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: matrix.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = matrix[row * columns + column] }
    }
    return result
  }

  /// The sum of a matrix' rows, each times its weight: one row for each weight.
  private static func combine(
    _ matrix: [Double], weights: UnsafeBufferPointer<Double>, into sum: UnsafeMutableBufferPointer<Double>
  ) {
    sum.update(repeating: 0)
    let width = sum.count
    matrix.withUnsafeBufferPointer { matrix in
      for (row, weight) in weights.enumerated() {
        for column in 0..<width { sum[column] += weight * matrix[row * width + column] }
      }
    }
  }
}
