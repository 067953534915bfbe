import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Scale")
struct ScaleTests {
  @Test("multiplies by its factor, and its gradient is the factor")
  func values() {
    #expect(Scale(factor: -2).forward([Tensor([1, -3], shape: [1, 2])]).scalars == [-2, 6])
    FiniteDifferences.expectGradients(of: Scale(factor: -2), at: [.random([2, 9], seed: 1)], step: 0.1)
  }
}
