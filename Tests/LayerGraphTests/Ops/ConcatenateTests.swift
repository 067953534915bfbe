import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Concatenate")
struct ConcatenateTests {
  @Test("joins along any axis, sample by sample")
  func values() {
    let a = Tensor([1, 2, 3, 4], shape: [2, 1, 2])
    let b = Tensor((10..<18).map(Float.init), shape: [2, 2, 2])
    #expect(
      Concatenate(axis: 0).forward([a, b]).scalars == [1, 2, 10, 11, 12, 13, 3, 4, 14, 15, 16, 17])
    let c = Tensor([7, 8], shape: [2, 1, 1])
    #expect(Concatenate(axis: 1).forward([a, c]).scalars == [1, 2, 7, 3, 4, 8])
  }

  @Test("gives each operand its part of the gradient", arguments: [0, 1])
  func gradient(axis: Int) {
    let other: Shape = axis == 0 ? [2, 1, 4] : [2, 3, 2]
    FiniteDifferences.expectGradients(
      of: Concatenate(axis: axis),
      at: [.random([2, 3, 4], seed: 1), .random(other, seed: 2), .random([2, 3, 4], seed: 3)], step: 0.1)
  }

  @Test("refuses shapes that differ along another axis")
  func shapes() {
    #expect(throws: ShapeError("expected shapes that differ along axis 0 only, found [1×2, 3×4]")) {
      try Concatenate(axis: 0).outputShape(for: [[1, 2], [3, 4]])
    }
    #expect(throws: ShapeError.self) { try Concatenate(axis: 0).outputShape(for: []) }
  }
}
