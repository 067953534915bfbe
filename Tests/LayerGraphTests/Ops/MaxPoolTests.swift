import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Maximum pooling")
struct MaxPoolTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "maxPool"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: MaxPool(window: try reference.poolingWindow()), tolerance: .exact)
  }

  private func op(kernel: Int, stride: Int, padding: Int, roundsUp: Bool = false) -> MaxPool {
    MaxPool(
      window: SlidingWindow(
        kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding), dilation: Extent(1),
        roundsUp: roundsUp))
  }

  @Test("has the gradient of its definition where no two values are near", arguments: [1, 2, 3])
  func gradient(stride: Int) {
    for (padding, roundsUp) in [(0, false), (1, false), (1, true)] {
      FiniteDifferences.expectGradients(
        of: op(kernel: 3, stride: stride, padding: padding, roundsUp: roundsUp),
        at: [.distinct([2, 2, 7, 8], seed: 4)])
    }
  }

  @Test("a NaN is the largest of its windows, and gets their gradient", arguments: [0, 1, 4, 5])
  func notANumber(place: Int) {
    var x = Tensor.distinct([1, 1, 4, 4], seed: 1)
    x.withMutableScalars { $0[place] = .nan }
    let op = op(kernel: 2, stride: 2, padding: 0)
    let y = op.forward([x])
    #expect(y.scalars[0].isNaN)
    #expect(y.scalars[1...].allSatisfy { $0.isFinite })
    let gradient = op.backward(Tensor(repeating: 1, shape: [1, 1, 2, 2]), inputs: [x], output: y)[0]
    #expect(gradient.scalars[place] == 1)
    #expect(gradient.scalars.reduce(0, +) == 4)
  }

  @Test("refuses maps that its window does not fit")
  func shapes() throws {
    #expect(try op(kernel: 3, stride: 2, padding: 1).outputShape(for: [[64, 112, 112]]) == [64, 56, 56])
    #expect(throws: ShapeError.self) { try op(kernel: 3, stride: 2, padding: 0).outputShape(for: [[1, 2, 9]]) }
    #expect(throws: ShapeError.self) { try op(kernel: 3, stride: 2, padding: 0).outputShape(for: [[9, 9]]) }
  }
}
