import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Average pooling")
struct AveragePoolTests {
  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "averagePool"))
  func reference(_ reference: OperationReference) throws {
    let op = AveragePool(
      window: try reference.poolingWindow(), countsPadding: try reference.option("countsPadding") == "true")
    try reference.expectAgreement(of: op, tolerance: .relative(1e-6))
  }

  @Test("has the gradient of its definition", arguments: [true, false])
  func gradient(countsPadding: Bool) {
    let window = SlidingWindow(
      kernel: Extent(height: 3, width: 2), stride: Extent(2), padding: Extent(1), dilation: Extent(1), roundsUp: true)
    FiniteDifferences.expectGradients(
      of: AveragePool(window: window, countsPadding: countsPadding), at: [.random([2, 2, 6, 7], seed: 4)], step: 0.1)
  }
}

extension OperationReference {
  /// The window of a case of pooling.
  func poolingWindow() throws -> SlidingWindow {
    SlidingWindow(
      kernel: try extent("kernel"), stride: try extent("stride"), padding: try extent("padding"), dilation: Extent(1),
      roundsUp: try option("ceilMode") == "true")
  }
}
