import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Mean")
struct MeanTests {
  @Test("averages over any axis, which goes")
  func values() throws {
    let x = Tensor([1, 2, 3, 5, 7, 9], shape: [1, 2, 3])
    #expect(Mean(axis: 0).forward([x]).scalars == [3, 4.5, 6])
    #expect(Mean(axis: 1).forward([x]).scalars == [2, 7])
    #expect(try Mean(axis: 0).outputShape(for: [[2, 3]]) == [3])
  }

  @Test("has the gradient of its definition", arguments: [0, 1, 2])
  func gradient(axis: Int) {
    FiniteDifferences.expectGradients(of: Mean(axis: axis), at: [.random([2, 3, 4, 2], seed: 1)], step: 0.1)
  }

  @Test("refuses an axis that is not there")
  func shapes() {
    #expect(throws: ShapeError("no mean over axis 2 of 2×3")) { try Mean(axis: 2).outputShape(for: [[2, 3]]) }
  }
}
