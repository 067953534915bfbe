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

/// The first principal component by the smaller of the two Gram matrices, in double precision.
enum PrincipalComponent {
  /// X·v for `variables` rows of `places` values each, the value of the largest magnitude positive.
  static func projection(of rows: [Double], variables: Int, places: Int) -> [Double] {
    guard rows.allSatisfy(\.isFinite) else { return [Double](repeating: .nan, count: places) }
    let centred = centred(rows, places: places)
    var projection = [Double](repeating: 0, count: places)
    if variables <= places {
      let (vector, _) = leadingEigenvector(gram(centred, rows: variables, columns: places), order: variables)
      for (variable, weight) in vector.enumerated() {
        for place in 0..<places { projection[place] += weight * centred[variable * places + place] }
      }
    } else {
      // X·v = √λ·u, where u is the leading eigenvector of X·Xᵀ and λ its eigenvalue.
      let transposed = (0..<places).flatMap { place in (0..<variables).map { centred[$0 * places + place] } }
      let (vector, value) = leadingEigenvector(gram(transposed, rows: places, columns: variables), order: places)
      projection = vector.map { $0 * value.squareRoot() }
    }
    let (smallest, largest) = (projection.min() ?? 0, projection.max() ?? 0)
    return abs(smallest) > abs(largest) ? projection.map { -$0 } : projection
  }

  private static func centred(_ rows: [Double], places: Int) -> [Double] {
    var result = rows
    for start in stride(from: 0, to: rows.count, by: max(1, places)) {
      let mean = rows[start..<start + places].reduce(0, +) / Double(places)
      for index in start..<start + places { result[index] -= mean }
    }
    return result
  }

  /// The products of all pairs of rows.
  private static func gram(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows * rows)
    for first in 0..<rows {
      for second in 0...first {
        var sum = 0.0
        for column in 0..<columns { sum += matrix[first * columns + column] * matrix[second * columns + column] }
        result[first * rows + second] = sum
        result[second * rows + first] = sum
      }
    }
    return result
  }

  /// The eigenvector of the largest eigenvalue of a symmetric matrix without negative eigenvalues, and that eigenvalue.
  ///
  /// One-sided Jacobi (Hestenes 1958): rotations make the rows orthogonal, and each then is an eigenvector times its
  /// eigenvalue. Unlike power iteration, it does not slow down where two eigenvalues are near.
  static func leadingEigenvector(_ matrix: [Double], order: Int) -> (vector: [Double], value: Double) {
    // So that squares neither overflow nor vanish.
    let scale = matrix.reduce(0) { max($0, abs($1)) }
    guard scale > 0 else { return ([Double](repeating: 0, count: order), 0) }
    var rows = matrix.map { $0 / scale }
    let sweeps = 60
    for _ in 0..<sweeps where !orthogonalise(&rows, order: order) {}
    let norms = (0..<order).map { squaredNorm(rows, row: $0, order: order) }
    let leading = norms.indices.max { norms[$0] < norms[$1] } ?? 0
    let norm = norms[leading].squareRoot()
    return (rows[leading * order..<(leading + 1) * order].map { $0 / norm }, norm * scale)
  }

  /// One sweep over all pairs of rows; whether they were orthogonal already, as far as the largest of them can tell.
  private static func orthogonalise(_ rows: inout [Double], order: Int) -> Bool {
    let largest = (0..<order).reduce(0) { max($0, squaredNorm(rows, row: $1, order: order)) }
    var isDone = true
    for first in 0..<order {
      for second in first + 1..<max(order, first + 1) {
        let (p, q) = (first * order, second * order)
        var (pp, qq, pq) = (0.0, 0.0, 0.0)
        for k in 0..<order {
          pp += rows[p + k] * rows[p + k]
          qq += rows[q + k] * rows[q + k]
          pq += rows[p + k] * rows[q + k]
        }
        guard abs(pq) > 1e-15 * largest else { continue }
        isDone = false
        let ratio = (qq - pp) / (2 * pq)
        let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = cosine * tangent
        for k in 0..<order {
          let (x, y) = (rows[p + k], rows[q + k])
          rows[p + k] = cosine * x - sine * y
          rows[q + k] = sine * x + cosine * y
        }
      }
    }
    return isDone
  }

  private static func squaredNorm(_ rows: [Double], row: Int, order: Int) -> Double {
    rows[row * order..<(row + 1) * order].reduce(0) { $0 + $1 * $1 }
  }
}
