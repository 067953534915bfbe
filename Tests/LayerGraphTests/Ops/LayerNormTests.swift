import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Layer normalisation")
struct LayerNormTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "layerNorm"))
  func reference(_ reference: OperationReference) throws {
    let op = LayerNorm(
      gamma: try reference.tensor("weight"), beta: try reference.tensor("bias"),
      epsilon: try reference.number("epsilon"))
    // Near 100, float32 itself is off by 1e-5.
    try reference.expectAgreement(of: op, tolerance: .relative(reference.name.hasSuffix("shifted") ? 3e-5 : 1e-5))
  }

  @Test("has the gradient of its definition", arguments: [1, 5, 40])
  func gradient(columns: Int) {
    let op = LayerNorm(gamma: .random([columns], seed: 1), beta: .random([columns], seed: 2), epsilon: 1e-2)
    FiniteDifferences.expectGradients(of: op, at: [.random([2, 3, columns], seed: 3)])
  }

  @Test("a NaN spoils its row and no other")
  func notANumber() {
    let op = LayerNorm(gamma: .random([20], seed: 1), beta: .random([20], seed: 2), epsilon: 1e-6)
    var x = Tensor.random([2, 20], seed: 3)
    x.withMutableScalars { $0[27] = .nan }
    let y = op.forward([x]).scalars
    #expect(y[..<20].allSatisfy { $0.isFinite })
    #expect(y[20...].allSatisfy { $0.isNaN })
  }

  @Test("refuses another extent of the last axis")
  func shapes() {
    let op = LayerNorm(gamma: .random([4], seed: 1), beta: .random([4], seed: 2), epsilon: 1e-6)
    #expect(throws: ShapeError("expected 4 channels along the last axis, found 4×5")) {
      try op.outputShape(for: [[4, 5]])
    }
  }
}
