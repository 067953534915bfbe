/// A symmetric matrix whose entries off the three middle diagonals are zero.
struct TridiagonalMatrix {
  /// The entries on the diagonal.
  let diagonal: [Double]
  /// The entries beside it, one fewer, none of them zero.
  let offDiagonal: [Double]

  init(_ diagonal: [Double], _ offDiagonal: [Double]) {
    self.diagonal = diagonal
    self.offDiagonal = offDiagonal
  }

  /// The largest eigenvalue by bisection, and its eigenvector, of length 1, by inverse iteration.
  func leadingEigenpair() -> (value: Double, vector: [Double]) {
    let value = largestEigenvalue()
    var vector = [Double](repeating: 1 / Double(diagonal.count).squareRoot(), count: diagonal.count)
    // The first solution is in the eigenvector's direction but for what the start lacks of it; the third is at rounding.
    for _ in 0..<3 { vector = normalised(solution(shift: value, of: vector)) }
    return (value, vector)
  }

  /// Bisection between Gershgorin's bounds until no number lies between.
  private func largestEigenvalue() -> Double {
    var (low, high) = (-Double.infinity, -Double.infinity)
    for row in diagonal.indices {
      let radius = (row > 0 ? abs(offDiagonal[row - 1]) : 0) + (row < offDiagonal.count ? abs(offDiagonal[row]) : 0)
      low = max(low, diagonal[row])
      high = max(high, diagonal[row] + radius)
    }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return high }
      if isAboveAllEigenvalues(middle) { high = middle } else { low = middle }
    }
  }

  /// Whether every pivot of the factorisation of `shift` − T is positive (Sylvester's law of inertia).
  private func isAboveAllEigenvalues(_ shift: Double) -> Bool {
    var pivot = shift - diagonal[0]
    for row in offDiagonal.indices where pivot > 0 {
      pivot = shift - diagonal[row + 1] - offDiagonal[row] * offDiagonal[row] / pivot
    }
    return pivot > 0
  }

  /// x of (T − shift) x = b, by elimination with exchange of neighbouring rows. Pivots of zero become tiny ones, since the
  /// shift is an eigenvalue.
  private func solution(shift: Double, of b: [Double]) -> [Double] {
    let count = diagonal.count
    let tiny = max(abs(shift) * .ulpOfOne, .leastNormalMagnitude)
    // Row i of the upper triangle has entries at i, i + 1 and i + 2.
    var rows = [(Double, Double, Double)](repeating: (0, 0, 0), count: count)
    var right = b
    var current = (diagonal[0] - shift, count > 1 ? offDiagonal[0] : 0)
    for row in 0..<count - 1 {
      let below = (offDiagonal[row], diagonal[row + 1] - shift, row + 1 < count - 1 ? offDiagonal[row + 1] : 0)
      if abs(below.0) > abs(current.0) {
        let factor = current.0 / below.0
        rows[row] = below
        right.swapAt(row, row + 1)
        right[row + 1] -= factor * right[row]
        current = (current.1 - factor * below.1, -factor * below.2)
      } else {
        let pivot = abs(current.0) < tiny ? tiny : current.0
        let factor = below.0 / pivot
        rows[row] = (pivot, current.1, 0)
        right[row + 1] -= factor * right[row]
        current = (below.1 - factor * current.1, below.2)
      }
    }
    rows[count - 1] = (abs(current.0) < tiny ? tiny : current.0, 0, 0)
    for row in (0..<count).reversed() {
      var value = right[row]
      if row + 1 < count { value -= rows[row].1 * right[row + 1] }
      if row + 2 < count { value -= rows[row].2 * right[row + 2] }
      right[row] = value / rows[row].0
    }
    return right
  }

  private func normalised(_ vector: [Double]) -> [Double] {
    // By the largest first, so that squares do not overflow.
    let largest = vector.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return vector }
    let scaled = vector.map { $0 / largest }
    let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return scaled.map { $0 / norm }
  }
}
