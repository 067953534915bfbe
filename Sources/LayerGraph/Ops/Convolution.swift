import CKernels
import Tensors

/// y = W ∗ x + b: a two-dimensional cross-correlation with stride, padding, dilation and groups, as in PyTorch.
struct Convolution: Op {
  let weight: Tensor  // [outputs, inputs / groups, kernel height, kernel width]
  let bias: Tensor?  // [outputs]
  let window: SlidingWindow
  let groups: Int

  private var outputChannels: Int { weight.shape[0] }
  private var inputChannels: Int { weight.shape[1] * groups }
  /// The number of weights of one output channel: the rows of the column matrix.
  private var depth: Int { weight.shape.extents.dropFirst().reduce(1, *) }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    guard map.channels == inputChannels else {
      throw ShapeError("expected \(inputChannels) channels, found \(inputs[0])")
    }
    let extent = try window.output(height: map.height, width: map.width)
    return [outputChannels, extent.height, extent.width]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    guard let shape = try? outputShape(for: [x.shape.perSample]) else {
      preconditionFailure("the shape rule refuses \(x.shape)")
    }
    let columns = ColumnMatrix(channels: weight.shape[1], height: x.shape[2], width: x.shape[3], window: window)
    return Tensor(unfilled: shape.batched(x.batchCount)) { y in
      x.withScalars { x in
        weight.withScalars { weight in
          for sample in 0..<inputs[0].batchCount {
            for group in 0..<groups {
              let input = x.base + (sample * groups + group) * columns.inputCount
              let firstChannel = group * outputChannels / groups
              multiply(
                weight.base + firstChannel * depth, columns, of: input,
                into: y.base + (sample * outputChannels + firstChannel) * columns.places, firstChannel: firstChannel)
            }
          }
        }
      }
    }
  }

  /// One group of one sample: the weights times the columns of the input.
  private func multiply(
    _ weight: UnsafePointer<Float>, _ columns: ColumnMatrix, of input: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, firstChannel: Int
  ) {
    let channels = outputChannels / groups
    let places = columns.places
    let finish = { (tile: MatrixTile) in addBias(to: y, tile, stride: places, firstChannel: firstChannel) }
    if columns.isInput {
      MatrixMultiplication.multiplyInParallel(
        MatrixOperand(weight, stride: depth), MatrixOperand(input, stride: places), into: y, outStride: places,
        rows: channels, columns: places, depth: depth, finish: finish)
      return
    }
    let tiles = columns.tiles(workers: Workers.current.count)
    if tiles.count == 1 {
      // Few places: share out the output channels instead.
      withScratch(depth * places) { scratch in
        Workers.current.forEachRange(of: columns.channels, grain: 8) {
          columns.gather($0, places: 0..<places, from: input, into: scratch)
        }
        MatrixMultiplication.multiplyInParallel(
          MatrixOperand(weight, stride: depth), MatrixOperand(scratch, stride: places), into: y, outStride: places,
          rows: channels, columns: places, depth: depth, finish: finish)
      }
      return
    }
    Workers.current.forEach(tiles.count) { index in
      let tile = tiles[index]
      withScratch(depth * tile.count) { scratch in
        columns.gather(0..<columns.channels, places: tile, from: input, into: scratch)
        MatrixMultiplication.multiply(
          MatrixOperand(weight, stride: depth), MatrixOperand(scratch, stride: tile.count), into: y + tile.lowerBound,
          outStride: places, rows: channels, columns: tile.count, depth: depth)
        finish(MatrixTile(rows: 0..<channels, columns: tile))
      }
    }
  }

  private func addBias(to y: UnsafeMutablePointer<Float>, _ tile: MatrixTile, stride: Int, firstChannel: Int) {
    bias?.withScalars { bias in
      for row in tile.rows {
        let start = y + row * stride + tile.columns.lowerBound
        vitcam_affine(start, 1, bias[firstChannel + row], start, tile.columns.count)
      }
    }
  }

  /// ∂x: the columns of Wᵀ · ∂y, added back to the places they were gathered from.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let shape = inputs[0].shape
    let columns = ColumnMatrix(channels: weight.shape[1], height: shape[2], width: shape[3], window: window)
    let taps = window.kernel.height * window.kernel.width
    let channelsAtOnce = max(1, (1 << 18) / (taps * columns.places))
    let pieces = (columns.channels + channelsAtOnce - 1) / channelsAtOnce
    let result = Tensor(unfilled: shape) { result in
      gradient.withScalars { gradient in
        weight.withScalars { weight in
          Workers.current.forEach(shape[0] * groups * pieces) { index in
            let (sampleGroup, piece) = (index / pieces, index % pieces)
            let firstRow = sampleGroup % groups * (outputChannels / groups)
            let sample = sampleGroup / groups
            let channels = piece * channelsAtOnce..<min((piece + 1) * channelsAtOnce, columns.channels)
            let rows = channels.count * taps
            withScratch(rows * columns.places) { scratch in
              MatrixMultiplication.multiply(
                MatrixOperand(weight.base + firstRow * depth + channels.lowerBound * taps, stride: depth).transposed,
                MatrixOperand(
                  gradient.base + (sample * outputChannels + firstRow) * columns.places, stride: columns.places),
                into: scratch, outStride: columns.places, rows: rows, columns: columns.places,
                depth: outputChannels / groups)
              columns.scatter(channels, from: scratch, into: result.base + sampleGroup * columns.inputCount)
            }
          }
        }
      }
    }
    return [result]
  }

  private func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { body($0.base) }
  }
}

extension GraphBuilder {
  /// A two-dimensional convolution: `name.weight`, and `name.bias` where `bias` says so.
  public func convolution(
    _ name: String, _ x: Value, outputs: Int, kernel: Extent, stride: Extent = Extent(1), padding: Extent = Extent(0),
    dilation: Extent = Extent(1), groups: Int = 1, bias: Bool = true
  ) -> Value {
    convolution(
      name, x, outputs: outputs, kernel: kernel, stride: stride, padding: .symmetric(padding), dilation: dilation,
      groups: groups, bias: bias)
  }

  /// The same for any kind of padding.
  public func convolution(
    _ name: String, _ x: Value, outputs: Int, kernel: Extent, stride: Extent = Extent(1), padding: Padding,
    dilation: Extent = Extent(1), groups: Int = 1, bias: Bool = true
  ) -> Value {
    let inputs = x.shape.extents.first ?? 0
    let op = Convolution(
      weight: parameter("\(name).weight", [outputs, inputs / groups, kernel.height, kernel.width]),
      bias: bias ? parameter("\(name).bias", [outputs]) : nil,
      window: SlidingWindow(kernel: kernel, stride: stride, padding: padding, dilation: dilation, over: x.shape),
      groups: groups)
    return append(name, op, [x])
  }
}
