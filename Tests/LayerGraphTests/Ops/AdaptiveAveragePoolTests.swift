import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Against PyTorch: `F.adaptive_avg_pool2d(x, grid)`.
@Suite("Adaptive average pooling")
struct AdaptiveAveragePoolTests {
  private let x = Tensor([10, 14, 17, 20, 22, 24, 26, 28, 30, 32, 33, 35, 36, 37, 39], shape: [1, 1, 3, 5])

  @Test("Cells overlap where the size is no multiple of the grid's")
  func overlapping() {
    let op = AdaptiveAveragePool(grid: Extent(height: 2, width: 3))
    expectClose(op.forward([x]), [18.5, 22.5, 26, 29.5, 32, 34.5])
  }

  @Test("Cells repeat rows where there are fewer than the grid has")
  func smaller() {
    let op = AdaptiveAveragePool(grid: Extent(height: 5, width: 2))
    let expected: [Float] = [
      13.666667, 19.666666, 19.833333, 24.833333, 26, 30, 30.333333, 33.666668, 34.666668, 37.333332,
    ]
    expectClose(op.forward([x]), expected)
  }

  @Test("A map of the grid's size stays as it is")
  func identity() {
    expectClose(AdaptiveAveragePool(grid: Extent(height: 3, width: 5)).forward([x]), x, tolerance: .exact)
  }

  @Test("Gradients agree with central differences", arguments: [(2, 3), (5, 2), (1, 1), (7, 7)])
  func gradients(height: Int, width: Int) {
    let op = AdaptiveAveragePool(grid: Extent(height: height, width: width))
    FiniteDifferences.expectGradients(of: op, at: [Tensor.random([2, 3, 6, 5], seed: 4)])
  }

  @Test("The shape is the grid's, and what is no feature map is refused")
  func shapes() throws {
    let op = AdaptiveAveragePool(grid: Extent(7))
    #expect(try op.outputShape(for: [[4, 9, 8]]) == [4, 7, 7])
    #expect(throws: ShapeError("expected a feature map C×H×W, found 4×9")) { try op.outputShape(for: [[4, 9]]) }
  }
}
