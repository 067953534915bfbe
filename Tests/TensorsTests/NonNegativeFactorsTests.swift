import Testing

@testable import Tensors

/// The factorisation of matrices without negative values.
@Suite struct NonNegativeFactorsTests {
  @Test("A product of thin factors is found again")
  func exact() {
    // Rows are mixtures of (1, 0, 2, 0) and (0, 3, 1, 1).
    let left = [1.0, 0, 0, 2, 1, 1, 3, 0.5, 0.25, 4]
    let right = [1.0, 0, 2, 0, 0, 3, 1, 1]
    let matrix = product(left, right)
    let factors = NonNegativeFactors(
      matrix, rows: 5, columns: 4, count: 2, left: [1, 0.5, 0.3, 1, 0.7, 0.2, 0.9, 0.4, 0.1, 0.8],
      right: [0.5, 0.1, 0.9, 0.3, 0.2, 0.8, 0.4, 0.6], iterations: 2000, tolerance: 1e-14)
    let smallest = (factors.left + factors.right).min() ?? -1
    #expect(smallest >= 0)
    for (found, expected) in zip(product(factors.left, factors.right), matrix) { #expect(abs(found - expected) < 1e-3) }
  }

  /// The product of a 5×2 and a 2×4 matrix.
  private func product(_ left: [Double], _ right: [Double]) -> [Double] {
    var result = [Double]()
    for row in 0..<5 {
      for column in 0..<4 {
        let first: Double = left[row * 2] * right[column]
        result.append(first + left[row * 2 + 1] * right[4 + column])
      }
    }
    return result
  }

  @Test("Zeros are zeros, without dividing by them")
  func zeros() {
    let factors = NonNegativeFactors(
      [0, 0, 0, 0], rows: 2, columns: 2, count: 1, left: [1, 1], right: [1, 1])
    let isFinite = (factors.left + factors.right).allSatisfy { $0.isFinite }
    #expect(isFinite)
    #expect(factors.left[0] * factors.right[0] == 0)
  }
}
