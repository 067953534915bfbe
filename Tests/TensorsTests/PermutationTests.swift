import TestSupport
import Tensors
import Testing

@Suite("Permutation")
struct PermutationTests {
  /// All orders of the numbers below `count`.
  static func orders(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return orders(count - 1).flatMap { order in
      (0..<count).map { place in Array(order[..<place]) + [count - 1] + Array(order[place...]) }
    }
  }

  /// The definition, scalar by scalar.
  private func permutedPlainly(_ x: Tensor, _ axes: [Int]) -> [Float] {
    var strides = [Int](repeating: 1, count: x.shape.rank)
    for axis in (0..<x.shape.rank - 1).reversed() { strides[axis] = strides[axis + 1] * x.shape[axis + 1] }
    var offsets = [0]
    for axis in axes {
      offsets = offsets.flatMap { offset in (0..<x.shape[axis]).map { offset + $0 * strides[axis] } }
    }
    let scalars = x.scalars
    return offsets.map { scalars[$0] }
  }

  @Test("every order of four axes is right, also with axes of one", arguments: orders(4))
  func everyOrder(axes: [Int]) {
    for extents in [[2, 3, 4, 5], [3, 1, 5, 2], [1, 2, 1, 3], [2, 40, 3, 35]] {
      let x = Tensor.random(Shape(extents), seed: 7)
      let permuted = x.permuted(axes)
      #expect(permuted.shape == Shape(axes.map { extents[$0] }))
      #expect(permuted.scalars == permutedPlainly(x, axes))
    }
  }

  @Test("a matrix of more than one block is transposed by several threads", arguments: [(70, 300), (300, 70), (1, 50)])
  func transposition(rows: Int, columns: Int) {
    let x = Tensor.random([rows, columns], seed: 8)
    for workers in [1, 3] {
      let transposed = Workers.$current.withValue(Workers(count: workers)) { x.permuted([1, 0]) }
      #expect(transposed.scalars == permutedPlainly(x, [1, 0]))
    }
  }

  @Test("an empty tensor keeps its extents in the new order")
  func empty() {
    #expect(Tensor(repeating: 0, shape: [2, 0, 3]).permuted([2, 0, 1]).shape == [3, 2, 0])
  }
}
