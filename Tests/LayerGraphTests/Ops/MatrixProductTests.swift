import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Matrix product")
struct MatrixProductTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "matrixMultiplication"))
  func reference(_ reference: OperationReference) throws {
    try reference.expectAgreement(of: MatrixProduct(factor: 1, transposesRight: false), operands: ["left", "right"])
  }

  @Test("with softmax between is PyTorch's attention", arguments: OperationReference.cases(of: "attention"))
  func attention(_ reference: OperationReference) throws {
    let (query, key, value) = (
      try reference.tensor("query"), try reference.tensor("key"), try reference.tensor("value")
    )
    let scores = MatrixProduct(factor: 0.5, transposesRight: true)  // 1 / √4
    let mix = MatrixProduct(factor: 1, transposesRight: false)
    let logits = scores.forward([query, key])
    let weights = Softmax().forward([logits])
    let output = mix.forward([weights, value])
    expectClose(output, try reference.tensor("output"), tolerance: .relative(1e-6))
    let mixed = mix.backward(try reference.tensor("outputGradient"), inputs: [weights, value], output: output)
    expectClose(mixed[1], try reference.tensor("valueGradient"), tolerance: .relative(1e-5))
    let logitGradient = Softmax().backward(mixed[0], inputs: [logits], output: weights)[0]
    let gradients = scores.backward(logitGradient, inputs: [query, key], output: logits)
    expectClose(gradients[0], try reference.tensor("queryGradient"), tolerance: .relative(1e-5))
    expectClose(gradients[1], try reference.tensor("keyGradient"), tolerance: .relative(1e-5))
  }

  @Test("has the gradient of its definition for both operands, on one thread and on several", arguments: [1, 3])
  func gradient(workers: Int) {
    Workers.$current.withValue(Workers(count: workers)) {
      for heads in [1, 4] {
        let left = Tensor.random([2, heads, 5, 3], seed: 1)
        FiniteDifferences.expectGradients(
          of: MatrixProduct(factor: 0.5, transposesRight: false), at: [left, .random([2, heads, 3, 4], seed: 2)],
          step: 0.1)
        FiniteDifferences.expectGradients(
          of: MatrixProduct(factor: 0.5, transposesRight: true), at: [left, .random([2, heads, 4, 3], seed: 2)],
          step: 0.1)
      }
    }
  }

  @Test("refuses operands whose inner extents differ")
  func shapes() throws {
    let op = MatrixProduct(factor: 1, transposesRight: false)
    #expect(try op.outputShape(for: [[2, 5, 3], [2, 3, 4]]) == [2, 5, 4])
    #expect(
      try MatrixProduct(factor: 1, transposesRight: true).outputShape(for: [[2, 5, 3], [2, 4, 3]]) == [2, 5, 4])
    for inputs: [Shape] in [
      [[2, 5, 3], [2, 4, 3]], [[2, 5, 3], [3, 3, 4]], [[5, 3], [1, 3, 4]], [[3], [3]], [[2, 2]],
    ] {
      #expect(throws: ShapeError.self) { try op.outputShape(for: inputs) }
    }
  }
}
