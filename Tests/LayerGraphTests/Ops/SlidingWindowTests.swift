import Testing

@testable import LayerGraph

@Suite("Sliding window")
struct SlidingWindowTests {
  private func window(_ kernel: Int, stride: Int, padding: Int, dilation: Int = 1, roundsUp: Bool = false)
    -> SlidingWindow
  {
    SlidingWindow(
      kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding), dilation: Extent(dilation),
      roundsUp: roundsUp)
  }

  @Test("takes as many places as PyTorch's formula says")
  func places() throws {
    #expect(try window(7, stride: 2, padding: 3).output(height: 224, width: 225) == Extent(height: 112, width: 113))
    #expect(
      try window(3, stride: 1, padding: 2, dilation: 2).output(height: 9, width: 8) == Extent(height: 9, width: 8))
    #expect(try window(2, stride: 2, padding: 0).output(height: 5, width: 4) == Extent(2))
    #expect(
      try window(2, stride: 2, padding: 0, roundsUp: true).output(height: 5, width: 4) == Extent(height: 3, width: 2))
    // max_pool2d(kernel_size=2, stride=3, padding=1, ceil_mode=True) of 5 × 5 drops the window that starts in the padding.
    #expect(try window(2, stride: 3, padding: 1, roundsUp: true).output(height: 5, width: 5) == Extent(2))
  }

  @Test("the columns that lie inside are those whose input column does")
  func inside() {
    for (kernel, stride, padding, dilation) in [(3, 1, 1, 1), (3, 2, 1, 1), (7, 2, 3, 1), (3, 3, 4, 2), (2, 3, 0, 3)] {
      let window = window(kernel, stride: stride, padding: padding, dilation: dilation)
      for width in 1...12 {
        for kernelColumn in 0..<kernel {
          for columns in [0..<6, 2..<5, 3..<3] {
            let first = window.firstInputColumn(kernelColumn: kernelColumn)
            let expected = columns.filter { (0..<width).contains(first + $0 * stride) }
            #expect(Array(window.inside(columns, kernelColumn: kernelColumn, width: width)) == expected)
          }
        }
      }
    }
  }
}
