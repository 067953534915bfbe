import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Permute")
struct PermuteTests {
  @Test("transposes each sample")
  func values() throws {
    let x = Tensor((0..<12).map(Float.init), shape: [2, 2, 3])
    #expect(Permute(axes: [1, 0]).forward([x]).scalars == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    #expect(try Permute(axes: [2, 0, 1]).outputShape(for: [[4, 5, 6]]) == [6, 4, 5])
  }

  @Test("has the inverse order as its gradient", arguments: [[1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0]])
  func gradient(axes: [Int]) {
    FiniteDifferences.expectGradients(of: Permute(axes: axes), at: [.random([2, 2, 3, 4], seed: 1)], step: 0.1)
  }

  @Test("refuses another number of axes")
  func shapes() {
    #expect(throws: ShapeError("expected 2 axes to permute, found 2×3×4")) {
      try Permute(axes: [1, 0]).outputShape(for: [[2, 3, 4]])
    }
  }
}
