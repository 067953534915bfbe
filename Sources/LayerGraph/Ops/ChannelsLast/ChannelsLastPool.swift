import CKernels
import Tensors

/// Pooling of maps with channels last, H×W×C: all channels of a place at once.
struct ChannelsLastPool: Op {
  /// The op with channels first, ``MaxPool`` or ``AveragePool``.
  let pool: any WindowPool

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank == 3 else { throw ShapeError("expected a map H×W×C, found \(shape)") }
    let result = try pool.outputShape(for: [[shape[2], shape[0], shape[1]]])
    return [result[1], result[2], result[0]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
    guard let output = try? pool.window.output(height: height, width: width) else {
      preconditionFailure("the shape rule refuses \(x.shape)")
    }
    let rowSize = output.width * channels
    return Tensor(unfilled: [x.batchCount, output.height, output.width, channels]) { y in
      x.withScalars { x in
        Workers.current.forEachRange(of: y.count / rowSize, grain: max(1, (1 << 13) / rowSize)) { rows in
          for row in rows {
            let map = x.base + row / output.height * height * width * channels
            let target = y.base + row * rowSize
            target.update(repeating: pool.start, count: rowSize)
            pool.window.forEachTap(
              ofRow: row % output.height, columns: output.width, height: height, width: width
            ) { inside, start in
              for column in inside {
                let seen = map + (start + column * pool.window.stride.width) * channels
                pool.combine(target + column * channels, seen, count: channels)
              }
            }
            for column in 0..<output.width {
              let factor = pool.factor(row: row % output.height, column: column, height: height, width: width)
              guard factor != 1 else { continue }
              vitcam_affine(target + column * channels, factor, 0, target + column * channels, channels)
            }
          }
        }
      }
    }
  }

  /// That of the op with channels first.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let first = pool.backward(
      gradient.channelsFirst, inputs: [inputs[0].channelsFirst], output: output.channelsFirst)
    return [first[0].channelsLast]
  }
}

/// What a window makes of the values that it sees.
protocol WindowPool: Op {
  var window: SlidingWindow { get }
  /// What it starts with.
  var start: Float { get }
  /// Takes more values in.
  func combine(_ result: UnsafeMutablePointer<Float>, _ seen: UnsafePointer<Float>, count: Int)
  /// What the result at a place is multiplied by in the end.
  func factor(row: Int, column: Int, height: Int, width: Int) -> Float
}

extension MaxPool: WindowPool, ChannelsLastComputable {
  var start: Float { -.infinity }

  func combine(_ result: UnsafeMutablePointer<Float>, _ seen: UnsafePointer<Float>, count: Int) {
    vitcam_raise(result, seen, 1, count)
  }

  func factor(row: Int, column: Int, height: Int, width: Int) -> Float { 1 }

  func channelsLast(for inputs: [Shape]) -> (any Op)? { ChannelsLastPool(pool: self) }
}

extension AveragePool: WindowPool, ChannelsLastComputable {
  var start: Float { 0 }

  func combine(_ result: UnsafeMutablePointer<Float>, _ seen: UnsafePointer<Float>, count: Int) {
    vitcam_add(result, seen, result, count)
  }

  func factor(row: Int, column: Int, height: Int, width: Int) -> Float {
    1 / divisor(row: row, column: column, height: height, width: width)
  }

  func channelsLast(for inputs: [Shape]) -> (any Op)? { ChannelsLastPool(pool: self) }
}
