import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Sigmoid")
struct SigmoidTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "sigmoid"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: Sigmoid(), tolerance: .absolute(1e-6))
  }

  @Test("has the gradient of its definition")
  func gradient() {
    FiniteDifferences.expectGradients(of: Sigmoid(), at: [.random([2, 50], seed: 1, in: -4...4)])
  }
}
