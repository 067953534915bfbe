import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Slice")
struct SliceTests {
  private let x = Tensor((0..<12).map(Float.init), shape: [1, 2, 3, 2])

  @Test("takes a range of indices along any axis")
  func values() {
    #expect(Slice(axis: 0, range: 1..<2).forward([x]).scalars == [6, 7, 8, 9, 10, 11])
    #expect(Slice(axis: 1, range: 1..<3).forward([x]).scalars == [2, 3, 4, 5, 8, 9, 10, 11])
    #expect(Slice(axis: 2, range: 0..<1).forward([x]).scalars == [0, 2, 4, 6, 8, 10])
  }

  @Test("has the gradient in its place and zero elsewhere", arguments: [0, 1, 2])
  func gradient(axis: Int) {
    FiniteDifferences.expectGradients(
      of: Slice(axis: axis, range: 1..<2), at: [.random([2, 3, 4, 2], seed: 1)], step: 0.1)
  }

  @Test("refuses indices and axes that are not there")
  func shapes() {
    #expect(throws: ShapeError("no 2..<5 along axis 0 of 4×3")) {
      try Slice(axis: 0, range: 2..<5).outputShape(for: [[4, 3]])
    }
    #expect(throws: ShapeError.self) { try Slice(axis: 2, range: 0..<1).outputShape(for: [[4, 3]]) }
  }
}
