import Tensors

/// The zeros around a feature map that a convolution slides over.
public enum Padding: Hashable, Sendable {
  /// So many rows above and as many below, so many columns to the left and as many to the right.
  case symmetric(Extent)
  /// TensorFlow's "same": as many zeros as give ⌈size / stride⌉ places. They depend on the size of the map, and an odd
  /// one goes below or to the right.
  case same
}

extension SlidingWindow {
  /// A window over a feature map C×H×W.
  init(kernel: Extent, stride: Extent, padding: Padding, dilation: Extent, over shape: Shape) {
    switch padding {
    case .symmetric(let padding):
      self.init(kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    case .same:
      func zeros(_ size: Int, kernel: Int, stride: Int, dilation: Int) -> Int {
        let places = (size + stride - 1) / stride
        return max(0, (places - 1) * stride + dilation * (kernel - 1) + 1 - size)
      }
      // The shape rule refuses what is no feature map.
      let (height, width) = shape.rank == 3 ? (shape[1], shape[2]) : (1, 1)
      let rows = zeros(height, kernel: kernel.height, stride: stride.height, dilation: dilation.height)
      let columns = zeros(width, kernel: kernel.width, stride: stride.width, dilation: dilation.width)
      self.init(
        kernel: kernel, stride: stride, padding: Extent(height: rows / 2, width: columns / 2),
        trailingPadding: Extent(height: rows - rows / 2, width: columns - columns / 2), dilation: dilation)
    }
  }
}
