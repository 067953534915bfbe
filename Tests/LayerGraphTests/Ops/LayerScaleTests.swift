import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Layer scale")
struct LayerScaleTests {
  private let op = LayerScale(gamma: Tensor([2, -1, 0.5], shape: [3]))

  @Test("scales each channel of the last axis")
  func values() {
    #expect(op.forward([Tensor([1, 2, 4, -1, 0, 8], shape: [1, 2, 3])]).scalars == [2, -2, 2, -2, 0, 4])
  }

  @Test("has the gradient of its definition")
  func gradient() {
    FiniteDifferences.expectGradients(of: op, at: [.random([2, 4, 3], seed: 1)], step: 0.1)
  }

  @Test("refuses another extent of the last axis")
  func shapes() {
    #expect(throws: ShapeError("expected 3 channels along the last axis, found 3×2")) {
      try op.outputShape(for: [[3, 2]])
    }
  }
}
