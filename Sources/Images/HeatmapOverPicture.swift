import Tensors

extension Tensor {
  /// A heatmap at every pixel of a picture, H×W, as it is drawn on it: bilinear, and 0 where the picture lies outside of what
  /// the model saw.
  ///
  /// - Parameters:
  ///   - size: the picture's size.
  ///   - rectangle: the part of the picture that the heatmap covers, see ``Preprocessing/visibleRectangle(of:)``.
  ///   - isSigned: whether values are from −1 to 1, not from 0.
  public func laid(over size: ImageSize, covering rectangle: Rectangle, isSigned: Bool = false) -> Tensor {
    let plane = HeatPlane(self, covering: rectangle, of: size, .bilinear, gamma: 1, isSigned: isSigned)
    var result = Tensor(repeating: 0, shape: [size.height, size.width])
    result.withMutableScalars { pixels in
      plane.forEachPixel(inRowsOf: size.width) { pixel, value in pixels[pixel] = value }
    }
    return result
  }
}
