import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Multiplication")
struct MultiplyTests {
  @Test("A gate scales each map by its one value")
  func gate() {
    let x = Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 2, 2])
    let gate = Tensor([10, -1], shape: [1, 2, 1, 1])
    expectClose(Multiply().forward([x, gate]), [10, 20, 30, 40, -5, -6, -7, -8], tolerance: .exact)
    let gradients = Multiply().backward(x, inputs: [x, gate], output: x)
    expectClose(gradients[0], [10, 20, 30, 40, -5, -6, -7, -8], tolerance: .exact)
    expectClose(gradients[1], [30, 174], tolerance: .exact)
  }

  @Test("Gradients agree with central differences", arguments: [[3, 4, 5], [3, 1, 1], [3, 4, 1], [1, 1, 1]])
  func gradients(extents: [Int]) {
    let gate = Tensor.random(Shape(extents).batched(2), seed: 2)
    FiniteDifferences.expectGradients(of: Multiply(), at: [Tensor.random([2, 3, 4, 5], seed: 1), gate])
  }

  @Test("Shapes that do not broadcast are refused")
  func shapes() throws {
    #expect(try Multiply().outputShape(for: [[3, 4, 5], [3, 1, 1]]) == [3, 4, 5])
    for wrong: Shape in [[2, 1, 1], [3, 1, 5], [3]] {
      #expect(throws: ShapeError.self) { try Multiply().outputShape(for: [[3, 4, 5], wrong]) }
    }
  }
}
