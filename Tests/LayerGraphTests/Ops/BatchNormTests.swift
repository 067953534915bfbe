import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Batch normalisation")
struct BatchNormTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "batchNorm"))
  func reference(_ reference: OperationReference) throws {
    let op = BatchNorm(
      gamma: try reference.tensor("weight"), beta: try reference.tensor("bias"),
      mean: try reference.tensor("runningMean"), variance: try reference.tensor("runningVariance"),
      epsilon: try reference.number("epsilon"))
    try reference.expectAgreement(of: op)
  }

  private let op = BatchNorm(
    gamma: Tensor([2, 3], shape: [2]), beta: Tensor([1, -1], shape: [2]), mean: Tensor([5, 0], shape: [2]),
    variance: Tensor([4, 0.25], shape: [2]), epsilon: 0)

  @Test("is γ (x − μ) / σ + β for each channel, of maps and of vectors")
  func values() {
    #expect(op.forward([Tensor([5, 7, 0, 1], shape: [1, 2, 1, 2])]).scalars == [1, 3, -1, 5])
    #expect(op.forward([Tensor([7, 1, 5, 0], shape: [2, 2])]).scalars == [3, 5, 1, -1])
  }

  @Test("has the gradient of its definition")
  func gradient() {
    FiniteDifferences.expectGradients(of: op, at: [.random([2, 2, 3, 4], seed: 1)], step: 0.1)
  }

  @Test("refuses other channels")
  func shapes() {
    #expect(throws: ShapeError("expected 2 channels along the first axis, found 3×4×4")) {
      try op.outputShape(for: [[3, 4, 4]])
    }
  }
}
