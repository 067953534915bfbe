import Tensors

extension Tensor {
  /// Pools each plane of a batch of feature maps: `body` gives the value at an output row and column of a plane.
  func pooled(
    by window: SlidingWindow, _ body: (_ plane: UnsafePointer<Float>, _ row: Int, _ column: Int) -> Float
  ) -> Tensor {
    let (height, width) = (shape[-2], shape[-1])
    guard let extent = try? window.output(height: height, width: width) else {
      preconditionFailure("the shape rule refuses maps that the window does not fit")
    }
    let size = extent.height * extent.width
    return Tensor(unfilled: Shape(shape.extents.dropLast(2) + [extent.height, extent.width])) { result in
      withScalars { source in
        Workers.current.forEachRange(of: count / (height * width), grain: 4) { planes in
          for plane in planes {
            for place in 0..<size {
              result[plane * size + place] = body(
                source.base + plane * height * width, place / extent.width, place % extent.width)
            }
          }
        }
      }
    }
  }

  /// Hands each value of this gradient back to the plane it was pooled from: `body` adds to the plane what an output row
  /// and column owe it.
  func unpooled(
    to shape: Shape,
    _ body: (
      _ plane: Int, _ row: Int, _ column: Int, _ value: Float, _ result: UnsafeMutableBufferPointer<Float>
    ) -> Void
  ) -> Tensor {
    let (rows, columns) = (self.shape[-2], self.shape[-1])
    let size = shape[-2] * shape[-1]
    return Tensor(unfilled: shape) { result in
      result.update(repeating: 0)
      withScalars { gradient in
        Workers.current.forEachRange(of: shape.count / size, grain: 4) { planes in
          for plane in planes {
            let target = UnsafeMutableBufferPointer(rebasing: result[plane * size..<(plane + 1) * size])
            for place in 0..<rows * columns {
              body(plane, place / columns, place % columns, gradient[plane * rows * columns + place], target)
            }
          }
        }
      }
    }
  }
}
