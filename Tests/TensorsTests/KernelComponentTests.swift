import TestSupport
import Tensors
import Testing

/// Kernel PCA with the sigmoid kernel.
@Suite struct KernelComponentTests {
  @Test("Two channels of four places against scikit-learn")
  func values() {
    let maps = Tensor([1, 2, 3, -1, 0.5, -2, 4, 1], shape: [1, 2, 2, 2])
    expectClose(maps.kernelProjection(), [-0.15114748, -0.72356981, 1.22166085, -0.34694362])
  }

  @Test("A constant gives zeros, and what is not finite gives NaN in its own sample only")
  func special() {
    let maps = Tensor([1, 1, 1, 1, .nan, 1, 2, 3], shape: [2, 1, 2, 2])
    let result = maps.kernelProjection().scalars
    #expect(result[..<4].allSatisfy { abs($0) < 1e-6 } && result[4...].allSatisfy { $0.isNaN })
  }
}
