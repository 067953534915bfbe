import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Reshape")
struct ReshapeTests {
  @Test("keeps the scalars of each sample, forward and backward")
  func values() {
    let x = Tensor.random([2, 3, 4], seed: 1)
    let y = Reshape(shape: [2, 6]).forward([x])
    #expect(y.shape == [2, 2, 6])
    #expect(y.scalars == x.scalars)
    FiniteDifferences.expectGradients(of: Reshape(shape: [2, 6]), at: [x], step: 0.1)
  }

  @Test("refuses another number of scalars")
  func shapes() {
    #expect(throws: ShapeError("3×4 cannot be reshaped to 2×5")) {
      try Reshape(shape: [2, 5]).outputShape(for: [[3, 4]])
    }
  }
}
