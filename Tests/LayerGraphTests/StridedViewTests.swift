import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Strided view")
struct StridedViewTests {
  /// What a view reads of the numbers 0, 1, 2, ...
  private func scalars(_ view: StridedView) -> [Int] {
    zip(view.shape.extents, view.strides).reduce([view.offset]) { places, axis in
      places.flatMap { place in (0..<axis.0).map { place + $0 * axis.1 } }
    }
  }

  @Test("A chain of arrangements reads what the ops give")
  func chain() throws {
    let ops: [any Op] = [
      Reshape(shape: [5, 3, 2, 4]), Permute(axes: [1, 2, 0, 3]), Slice(axis: 0, range: 1..<2),
      Reshape(shape: [2, 5, 4]),
    ]
    let tensor = Tensor((0..<120).map { Float($0) }, shape: [1, 5, 24])
    let expected = ops.reduce(tensor) { $1.forward([$0]) }
    let view = try ops.reduce(StridedView(whole: [5, 24])) { try #require($0.arranged(by: $1)) }
    #expect(view.shape == [2, 5, 4])
    #expect(scalars(view).map { Float($0) } == expected.scalars)
    let matrices = try #require(StridedMatrices(view))
    #expect(matrices.offsets == [8, 12])
    #expect(matrices.rowStride == 24)
  }

  @Test("What was arranged is found from where it went")
  func before() throws {
    let ops: [(op: any Op, shape: Shape)] = [
      (Permute(axes: [1, 0, 2]), [2, 5, 4]), (Reshape(shape: [5, 8]), [5, 2, 4]),
    ]
    let view = try ops.reversed().reduce(StridedView(whole: [5, 8])) { try #require($0.before($1.op, of: $1.shape)) }
    let heads = Tensor((0..<40).map { Float($0) }, shape: [1, 2, 5, 4])
    let tokens = ops.reduce(heads) { $1.op.forward([$0]) }.scalars
    #expect(scalars(view).map { tokens[$0] } == heads.scalars)
  }

  @Test("Axes that lie apart cannot be joined, and other ops arrange nothing")
  func refuses() {
    let turned = StridedView(whole: [4, 6]).permuted([1, 0])
    #expect(turned.reshaped(to: [24]) == nil)
    #expect(turned.reshaped(to: [2, 3, 4]) != nil)
    #expect(StridedView(whole: [4, 6]).reshaped(to: [3, 8])?.strides == [8, 1])
    #expect(StridedView(whole: [4, 6]).arranged(by: ReLU()) == nil)
    #expect(StridedMatrices(turned) == nil)
  }

  @Test("Queries and keys of a joint layer are apart, ranges that overlap are not")
  func disjoint() {
    func part(_ range: Range<Int>) -> StridedView { StridedView(whole: [5, 24]).sliced(range, axis: 1) }
    #expect(part(0..<8).isDisjoint(from: part(8..<16)))
    #expect(part(16..<24).isDisjoint(from: part(0..<8)))
    #expect(!part(0..<8).isDisjoint(from: part(7..<15)))
    #expect(!part(0..<8).isDisjoint(from: part(0..<8)))
    #expect(!part(0..<8).isDisjoint(from: part(8..<24)), "views of different shapes are not compared")
    let rows = StridedView(whole: [6, 4])
    #expect(rows.sliced(0..<3, axis: 0).isDisjoint(from: rows.sliced(3..<6, axis: 0)))
    #expect(!rows.sliced(0..<3, axis: 0).isDisjoint(from: rows.sliced(2..<5, axis: 0)))
  }
}
