import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Vectors of one length, against `F.normalize`.
@Suite("Unit length")
struct UnitLengthTests {
  // x = torch.tensor([[[3, 4], [0, 0]], [[1, -2], [-0.5, 0.25]]]); F.normalize(x, dim=-1) * torch.tensor([2, 10]).view(2, 1, 1)
  // and its gradient for [[[1, 2], [3, 4]], [[0.5, -1], [2, 1]]]; at zero PyTorch divides by 1e-12.
  private static let x = Tensor([3, 4, 0, 0, 1, -2, -0.5, 0.25], shape: [1, 2, 2, 2])
  private static let values: [Float] = [1.2, 1.6, 0, 0, 4.472136, -8.944272, -8.944272, 4.472136]
  private static let gradient: [Float] = [-0.128, 0.096, 6e12, 8e12, 0, 0, 14.310837, 28.62167]

  @Test("Vectors get their head's length, and zero stays zero")
  func normalises() {
    let op = UnitLength(lengths: [2, 10])
    let y = op.forward([Self.x])
    expectClose(y, Tensor(Self.values, shape: Self.x.shape), tolerance: Tolerances.values)
    let upstream = Tensor([1, 2, 3, 4, 0.5, -1, 2, 1], shape: Self.x.shape)
    let found = op.backward(upstream, inputs: [Self.x], output: y)[0].scalars
    #expect(zip(found, Self.gradient).allSatisfy { abs($0 - $1) <= 2e-6 * max(1, abs($1)) })
  }

  @Test("Without lengths the length is 1")
  func unit() {
    let y = UnitLength().forward([Tensor([3, 4], shape: [1, 2])])
    expectClose(y, Tensor([0.6, 0.8], shape: [1, 2]), tolerance: Tolerances.values)
  }

  @Test("Gradients agree with central differences")
  func gradients() {
    FiniteDifferences.expectGradients(
      of: UnitLength(lengths: [3, 7]), at: [Tensor.distinct([2, 3, 2, 4, 5], seed: 1)], step: 1e-3)
  }

  @Test("Another number of heads is refused")
  func refuses() {
    #expect(throws: ShapeError("expected 2 heads of vectors, found 3×4×5")) {
      try UnitLength(lengths: [1, 2]).outputShape(for: [[3, 4, 5]])
    }
  }
}
