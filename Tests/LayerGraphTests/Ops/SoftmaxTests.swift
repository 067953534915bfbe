import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Softmax")
struct SoftmaxTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "softmax"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: Softmax(), tolerance: .relative(2e-6))
  }

  @Test("has the gradient of its definition", arguments: [1, 7, 50])
  func gradient(columns: Int) {
    FiniteDifferences.expectGradients(of: Softmax(), at: [.random([2, 3, columns], seed: 1, in: -2...2)])
  }

  @Test("each row sums to one, for rows of every length")
  func sums() {
    for columns in 1...70 {
      let y = Softmax().forward([.random([3, columns], seed: 2, in: -30...30)])
      for row in 0..<3 { #expect(abs(y[row].scalars.reduce(0, +) - 1) < 1e-6) }
    }
  }

  @Test("needs a last axis")
  func shapes() {
    #expect(throws: ShapeError("expected a last axis to normalise, found scalar")) {
      try Softmax().outputShape(for: [[]])
    }
  }
}
