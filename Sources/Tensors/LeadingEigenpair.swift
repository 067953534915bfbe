/// The largest eigenvalue of a symmetric matrix, and its eigenvector, by products of the matrix with vectors.
///
/// Lanczos' iteration (1950) with full reorthogonalisation. It ends when the residual is at the level of rounding, or when
/// the vectors span all that the matrix reaches: after at most `order` products, also where the leading eigenvalues are
/// nearly equal, which power iteration never tells apart. The start is the same every time.
struct LeadingEigenpair {
  /// The largest eigenvalue.
  let value: Double
  /// Its eigenvector, of length 1.
  let vector: [Double]

  /// Writes the product of the matrix with `vector` to `product`.
  typealias Product = (_ vector: UnsafeBufferPointer<Double>, _ product: UnsafeMutableBufferPointer<Double>) -> Void

  /// The leading pair of a symmetric matrix of `order` rows. It need not be definite.
  init(order: Int, multiply: Product) {
    var basis = [Self.start(order)]
    var diagonal = [Double]()
    var offDiagonal = [Double]()
    var next = [Double](repeating: 0, count: order)
    while true {
      basis[basis.count - 1].withUnsafeBufferPointer { vector in
        next.withUnsafeMutableBufferPointer { multiply(vector, $0) }
      }
      let before = Self.dot(next, next).squareRoot()
      diagonal.append(Self.dot(next, basis[basis.count - 1]))
      // Twice, so that rounding leaves nothing of the earlier vectors (Kahan and Parlett 1976).
      for _ in 0..<2 { for vector in basis { Self.add(-Self.dot(next, vector), vector, to: &next) } }
      let norm = Self.dot(next, next).squareRoot()
      let isExhausted = basis.count == order || norm <= 1e-14 * before
      if isExhausted || basis.count % 4 == 0 {
        let (value, weights) = TridiagonalMatrix(diagonal, offDiagonal).leadingEigenpair()
        // The residual of the pair, without another product.
        if isExhausted || norm * abs(weights[weights.count - 1]) <= 1e-14 * abs(value) {
          self.value = value
          vector = Self.combination(of: basis, weights)
          return
        }
      }
      offDiagonal.append(norm)
      basis.append(next.map { $0 / norm })
    }
  }

  /// A vector of length 1 without any pattern that a matrix could be orthogonal to: the fractional parts of multiples of
  /// the golden ratio.
  private static func start(_ order: Int) -> [Double] {
    let values = (1...max(1, order)).map { index in
      let multiple = Double(index) * 0.618_033_988_749_894_8
      return multiple - multiple.rounded(.down) - 0.5
    }
    let norm = dot(values, values).squareRoot()
    return values.prefix(order).map { $0 / norm }
  }

  private static func combination(of basis: [[Double]], _ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: basis[0].count)
    for (vector, weight) in zip(basis, weights) { add(weight, vector, to: &sum) }
    let norm = dot(sum, sum).squareRoot()
    return norm > 0 ? sum.map { $0 / norm } : sum
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func add(_ factor: Double, _ vector: [Double], to sum: inout [Double]) {
    for index in vector.indices { sum[index] += factor * vector[index] }
  }
}
