import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("GELU")
struct GELUTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "gelu"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: GELU(), tolerance: .absolute(1e-6))
  }

  @Test("has the gradient of its definition")
  func gradient() {
    FiniteDifferences.expectGradients(of: GELU(), at: [.random([2, 50], seed: 1, in: -4...4)])
  }
}
