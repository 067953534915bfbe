import TestSupport
import Testing

@testable import Tensors

/// The largest eigenvalue and its eigenvector.
@Suite struct LeadingEigenpairTests {
  /// Q·D·Qᵀ with Q = 1 − 2·w·wᵀ a reflection, so that the columns of Q are the eigenvectors.
  private struct Reflected {
    let eigenvalues: [Double]
    let w: [Double]

    init(_ eigenvalues: [Double]) {
      self.eigenvalues = eigenvalues
      let values = eigenvalues.indices.map { 1 + Double(($0 * 7) % 11) / 10 }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      w = values.map { $0 / norm }
    }

    func eigenvector(_ column: Int) -> [Double] {
      w.indices.map { ($0 == column ? 1 : 0) - 2 * w[$0] * w[column] }
    }

    func leading() -> LeadingEigenpair {
      LeadingEigenpair(order: w.count) { vector, product in
        let reflected = reflect(Array(vector))
        let result = reflect(zip(reflected, eigenvalues).map { $0 * $1 })
        _ = product.update(fromContentsOf: result)
      }
    }

    private func reflect(_ x: [Double]) -> [Double] {
      let along = zip(x, w).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(x, w).map { $0 - 2 * along * $1 }
    }
  }

  private func expectLeads(_ column: Int, of matrix: Reflected, tolerance: Double) {
    let (found, expected) = (matrix.leading(), matrix.eigenvector(column))
    #expect(abs(found.value - matrix.eigenvalues[column]) < 1e-13)
    let sign: Double = zip(found.vector, expected).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1 : 1
    let error = zip(found.vector, expected).map { abs(sign * $0 - $1) }.max() ?? 0
    #expect(error < tolerance, "gap \(matrix.eigenvalues)")
  }

  @Test("Leading eigenvalues are told apart however near they are", arguments: [1e-1, 1e-3, 1e-6, 1e-9])
  func near(gap: Double) {
    // Rounding is about 1e-16, and the nearer the eigenvalues the more it turns the eigenvector.
    let matrix = Reflected([1 - gap, 0.5, 1] + (0..<60).map { 0.4 - Double($0) / 100 })
    expectLeads(2, of: matrix, tolerance: 1e-13 / gap + 1e-12)
  }

  @Test("The largest is meant, not that of the largest magnitude")
  func indefinite() {
    expectLeads(1, of: Reflected([-3, 1, 0.2, -0.5, 0]), tolerance: 1e-12)
  }

  @Test("A long flat spectrum with little between the values")
  func flat() {
    expectLeads(0, of: Reflected((0..<300).map { 1 - Double($0) * 1e-4 }), tolerance: 1e-8)
  }

  @Test("Matrices of one row, and of zeros")
  func small() {
    let one = LeadingEigenpair(order: 1) { $1[0] = -2 * $0[0] }
    #expect(one.value == -2 && abs(one.vector[0]) == 1)
    let zero = LeadingEigenpair(order: 3) { $1.update(repeating: 0 * $0[0]) }
    #expect(zero.value == 0 && zero.vector.allSatisfy { $0.isFinite })
  }
}
