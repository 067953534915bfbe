import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("ReLU")
struct ReLUTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "relu"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: ReLU(), tolerance: .exact)
  }

  @Test("has the gradient of its definition away from zero")
  func gradient() {
    FiniteDifferences.expectGradients(of: ReLU(), at: [.distinct([2, 50], seed: 1)])
  }

  @Test("does not hide what is not a number, neither forward nor backward")
  func notANumber() {
    let x = Tensor([.nan, -1, 1], shape: [1, 3])
    let y = ReLU().forward([x])
    #expect(y.scalars[0].isNaN)
    let gradient = ReLU().backward(Tensor([5, 5, 5], shape: [1, 3]), inputs: [x], output: y)[0]
    #expect(gradient.scalars == [5, 0, 5])
  }
}
