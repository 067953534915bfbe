import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Global pooling")
struct GlobalPoolTests {
  private let x = Tensor([1, 2, 3, 6, -5, -1, -2, -1], shape: [1, 2, 2, 2])

  @Test(
    "the mean agrees with PyTorch, but for its axes of one",
    arguments: OperationReference.cases(of: "globalAveragePool"))
  func reference(_ reference: OperationReference) throws {
    let (x, expected) = (try reference.tensor("input"), try reference.tensor("output"))
    let pooled: Shape = [expected.shape[0], expected.shape[1]]
    let op = GlobalPool(kind: .average)
    let y = op.forward([x])
    expectClose(y, expected.reshaped(to: pooled))
    let seed = try reference.tensor("outputGradient").reshaped(to: pooled)
    expectClose(op.backward(seed, inputs: [x], output: y)[0], try reference.tensor("inputGradient"))
  }

  @Test("takes the mean or the maximum of each channel")
  func values() {
    #expect(GlobalPool(kind: .average).forward([x]).scalars == [3, -2.25])
    #expect(GlobalPool(kind: .maximum).forward([x]).scalars == [6, -1])
  }

  @Test("the first of the largest values gets the gradient of the maximum")
  func ties() {
    let op = GlobalPool(kind: .maximum)
    let gradient = op.backward(Tensor([1, 1], shape: [1, 2]), inputs: [x], output: op.forward([x]))[0]
    #expect(gradient.scalars == [0, 0, 0, 1, 0, 1, 0, 0])
  }

  @Test("has the gradient of its definition")
  func gradient() {
    for kind in [GlobalPool.Kind.average, .maximum] {
      FiniteDifferences.expectGradients(of: GlobalPool(kind: kind), at: [.distinct([2, 3, 4, 5], seed: 1)])
    }
  }

  @Test("a NaN anywhere in a channel is its maximum", arguments: [0, 3])
  func notANumber(place: Int) {
    var x = x
    x.withMutableScalars { $0[place] = .nan }
    let y = GlobalPool(kind: .maximum).forward([x]).scalars
    #expect(y[0].isNaN && y[1] == -1)
  }

  @Test("refuses what is no map")
  func shapes() {
    #expect(throws: ShapeError("expected a feature map C×H×W, found 4×5")) {
      try GlobalPool(kind: .average).outputShape(for: [[4, 5]])
    }
  }
}
