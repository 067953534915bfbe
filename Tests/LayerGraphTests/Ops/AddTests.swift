import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Add")
struct AddTests {
  @Test("adds element by element")
  func values() {
    #expect(Add().forward([Tensor([1, 2], shape: [1, 2]), Tensor([10, -2], shape: [1, 2])]).scalars == [11, 0])
  }

  @Test("has the gradient of its definition for both operands")
  func gradient() {
    FiniteDifferences.expectGradients(of: Add(), at: [.random([2, 9], seed: 1), .random([2, 9], seed: 2)], step: 0.1)
  }

  @Test("refuses operands of different shapes, and says which")
  func shapes() {
    #expect(throws: ShapeError("expected two inputs of one shape, found [2×3, 3×2]")) {
      try Add().outputShape(for: [[2, 3], [3, 2]])
    }
    #expect(throws: ShapeError.self) { try Add().outputShape(for: [[2, 3]]) }
  }
}
