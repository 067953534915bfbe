import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Convolutions with TensorFlow's padding against timm:
///
///     F.conv2d(pad_same(x, kernel, stride, dilation), w, stride=stride, dilation=dilation)
@Suite("Padding")
struct PaddingTests {
  private let weight = Tensor([1, -2, 0.5, 0, 3, -1, 2, 1, -0.25], shape: [1, 1, 3, 3])

  private func counting(_ height: Int, _ width: Int) -> Tensor {
    Tensor((1...height * width).map(Float.init), shape: [1, 1, height, width])
  }

  private func convolution(
    _ weight: Tensor, over x: Tensor, stride: Extent = Extent(1), dilation: Extent = Extent(1)
  ) -> Convolution {
    let kernel = Extent(height: weight.shape[2], width: weight.shape[3])
    let window = SlidingWindow(
      kernel: kernel, stride: stride, padding: .same, dilation: dilation, over: x.shape.perSample)
    return Convolution(weight: weight, bias: nil, window: window, groups: 1)
  }

  @Test("An odd zero goes below and to the right")
  func oddZero() {
    let x = counting(4, 4)
    let op = convolution(weight, over: x, stride: Extent(2))
    #expect(op.window.padding == Extent(0))
    #expect(op.window.trailingPadding == Extent(1))
    expectClose(op.forward([x]), [34.75, 53, 21.5, 35])
  }

  @Test("Rows and columns are padded each by its own size and stride")
  func rowsAndColumns() {
    let x = counting(4, 5)
    expectClose(convolution(weight, over: x, stride: Extent(2)).forward([x]), [18, 46.5, 67, 15, 28, 44])
    let strided = convolution(weight, over: x, stride: Extent(height: 3, width: 2))
    expectClose(strided.forward([x]), [5.25, 24.75, 43, 15, 28, 44])
  }

  @Test("An even kernel and a dilated one keep the size at stride 1")
  func evenAndDilated() {
    let x = counting(4, 4)
    let even = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
    expectClose(
      convolution(even, over: x).forward([x]),
      [44, 54, 64, 28, 84, 94, 104, 44, 124, 134, 144, 60, 41, 44, 47, 16])
    expectClose(
      convolution(weight, over: x, dilation: Extent(2)).forward([x]),
      [6.25, 9, 38, 44, 17.25, 20, 62, 68, 15.5, 16, 28, 30, 17.5, 18, 36, 38])
  }

  @Test("Gradients agree with central differences", arguments: [(4, 4, 2), (5, 4, 3), (7, 6, 2), (3, 3, 1)])
  func gradients(height: Int, width: Int, stride: Int) {
    let x = Tensor.random([2, 4, height, width], seed: 1)
    let kernel = Tensor.random([6, 2, 3, 3], seed: 2)
    let window = SlidingWindow(
      kernel: Extent(3), stride: Extent(stride), padding: .same, dilation: Extent(1), over: x.shape.perSample)
    FiniteDifferences.expectGradients(
      of: Convolution(weight: kernel, bias: Tensor.random([6], seed: 3), window: window, groups: 2), at: [x])
  }
}
