import Tensors

extension Op {
  /// The shape of a feature map that a window pools, channel by channel.
  func pooledShape(for inputs: [Shape], window: SlidingWindow) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    let extent = try window.output(height: map.height, width: map.width)
    return [map.channels, extent.height, extent.width]
  }
}

extension Tensor {
  /// Pools each plane of a batch of feature maps: `body` writes one row of the result, given the plane that it is from.
  func pooled(
    by window: SlidingWindow,
    _ body: (_ plane: UnsafePointer<Float>, _ row: Int, _ result: UnsafeMutableBufferPointer<Float>) -> Void
  ) -> Tensor {
    let size = shape[-2] * shape[-1]
    guard let extent = try? window.output(height: shape[-2], width: shape[-1]) else {
      preconditionFailure("the shape rule refuses maps that the window does not fit")
    }
    return Tensor(unfilled: Shape(shape.extents.dropLast(2) + [extent.height, extent.width])) { result in
      withScalars { source in
        Tensor.forEachRow(of: count / size, columns: size) { planes in
          for plane in planes {
            for row in 0..<extent.height {
              let start = (plane * extent.height + row) * extent.width
              let target = UnsafeMutableBufferPointer(rebasing: result[start..<start + extent.width])
              body(source.base + plane * size, row, target)
            }
          }
        }
      }
    }
  }

  /// Hands this gradient back to the planes it was pooled from: `body` adds what one row of it owes to its plane of the
  /// result, which starts at `start`.
  func unpooled(
    to shape: Shape,
    _ body: (
      _ start: Int, _ row: Int, _ gradient: UnsafeBufferPointer<Float>, _ result: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> Tensor {
    let (rows, columns) = (self.shape[-2], self.shape[-1])
    let size = shape[-2] * shape[-1]
    return Tensor(unfilled: shape) { result in
      result.update(repeating: 0)
      withScalars { gradient in
        Tensor.forEachRow(of: shape.count / size, columns: size) { planes in
          for plane in planes {
            for row in 0..<rows {
              let start = (plane * rows + row) * columns
              let source = UnsafeBufferPointer(rebasing: gradient[start..<start + columns])
              body(plane * size, row, source, result.base + plane * size)
            }
          }
        }
      }
    }
  }
}
