import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Linear")
struct LinearTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "linear"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: Linear(weight: try reference.tensor("weight"), bias: reference["bias"]))
  }

  @Test("is x Wᵀ + b")
  func values() {
    let op = Linear(weight: Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]), bias: Tensor([10, 20], shape: [2]))
    #expect(op.forward([Tensor([1, 0, -1, 2, 1, 0], shape: [2, 3])]).scalars == [8, 18, 14, 33])
  }

  @Test("has the gradient of its definition, on one thread and on several", arguments: [1, 3])
  func gradient(workers: Int) {
    Workers.$current.withValue(Workers(count: workers)) {
      let op = Linear(weight: .random([150, 9], seed: 1), bias: .random([150], seed: 2))
      FiniteDifferences.expectGradients(of: op, at: [.random([2, 3, 9], seed: 3)], step: 0.1)
    }
  }

  @Test("works on the last axis and refuses another extent there")
  func shapes() throws {
    let op = Linear(weight: .random([4, 3], seed: 1), bias: nil)
    #expect(try op.outputShape(for: [[5, 7, 3]]) == [5, 7, 4])
    #expect(try op.outputShape(for: [[3]]) == [4])
    #expect(throws: ShapeError("expected 3 features along the last axis, found 3×5")) {
      try op.outputShape(for: [[3, 5]])
    }
    #expect(throws: ShapeError.self) { try op.outputShape(for: [[]]) }
  }
}
