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
  /// The output channels of one group.
  private var groupOutputs: Int { outputChannels / groups }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let map = try featureMap(inputs)
    guard map.channels == inputChannels else {
      throw ShapeError("expected \(inputChannels) channels, found \(inputs[0])")
    }
    guard outputChannels % groups == 0 else {
      throw ShapeError("expected output channels for \(groups) equal groups, found \(outputChannels)")
    }
    let extent = try window.output(height: map.height, width: map.width)
    return [outputChannels, extent.height, extent.width]
  }

  private func columns(of x: Tensor) -> ColumnMatrix {
    ColumnMatrix(channels: weight.shape[1], height: x.shape[2], width: x.shape[3], window: window)
  }

  // MARK: Forward

  /// Each piece of work is a matrix product of its own; pieces share the threads, or a single one is shared by all.
  func forward(_ inputs: [Tensor]) -> Tensor {
    let x = inputs[0]
    if isDepthwise { return depthwise(x) }
    let columns = columns(of: x)
    let shape: Shape = [x.batchCount, outputChannels, columns.output.height, columns.output.width]
    let pieces = ConvolutionPiece.pieces(batch: x.batchCount, groups: groups, columns: columns)
    return Tensor(unfilled: shape) { y in
      x.withScalars { x in
        if pieces.count < Workers.current.count {
          for piece in pieces { compute(piece, columns, of: x.base, into: y.base, workers: Workers.current) }
        } else {
          Workers.current.forEach(pieces.count) { index in
            compute(pieces[index], columns, of: x.base, into: y.base, workers: Workers(count: 1))
          }
        }
      }
    }
  }

  /// Gathers the columns of a piece and multiplies them by the weights of its group.
  private func compute(
    _ piece: ConvolutionPiece, _ columns: ColumnMatrix, of x: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, workers: Workers
  ) {
    let inputs = (piece.samples).map { x + ($0 * groups + piece.group) * columns.inputCount }
    if columns.isInput, inputs.count == 1 {
      let operand = MatrixOperand(inputs[0] + piece.places.lowerBound, stride: columns.places)
      multiply(piece, operand, into: y, places: columns.places, workers: workers)
      return
    }
    withScratch(columns.rows * piece.count) { scratch in
      workers.forEachRange(of: columns.channels, grain: 8) { channels in
        for (index, input) in inputs.enumerated() {
          columns.gather(
            channels, places: piece.places, from: input, into: scratch + index * piece.places.count,
            stride: piece.count)
        }
      }
      let operand = MatrixOperand(scratch, stride: piece.count)
      multiply(piece, operand, into: y, places: columns.places, workers: workers)
    }
  }

  /// Multiplies the columns of a piece by the weights: in place for one sample, by way of a buffer for several, whose rows
  /// lie apart in the result.
  private func multiply(
    _ piece: ConvolutionPiece, _ columns: MatrixOperand, into y: UnsafeMutablePointer<Float>, places: Int,
    workers: Workers
  ) {
    let depth = weight.shape.perSample.count
    let firstChannel = piece.group * groupOutputs
    weight.withScalars { weight in
      let weights = MatrixOperand(weight.base + firstChannel * depth, stride: depth)
      func product(into out: UnsafeMutablePointer<Float>, stride: Int, finish: (MatrixTile) -> Void) {
        Workers.$current.withValue(workers) {
          MatrixMultiplication.multiplyInParallel(
            weights, columns, into: out, outStride: stride, rows: groupOutputs, columns: piece.count, depth: depth,
            finish: finish)
        }
      }
      func target(_ sample: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        y + (sample * outputChannels + firstChannel + row) * places + piece.places.lowerBound
      }
      if piece.samples.count == 1 {
        let out = target(piece.samples.lowerBound, 0)
        product(into: out, stride: places) { tile in
          for row in tile.rows {
            let start = out + row * places + tile.columns.lowerBound
            addBias(firstChannel + row, start, into: start, count: tile.columns.count)
          }
        }
        return
      }
      withScratch(groupOutputs * piece.count) { scratch in
        product(into: scratch, stride: piece.count) { _ in }
        for (index, sample) in piece.samples.enumerated() {
          for row in 0..<groupOutputs {
            let source = scratch + row * piece.count + index * places
            addBias(firstChannel + row, source, into: target(sample, row), count: places)
          }
        }
      }
    }
  }

  private func addBias(
    _ channel: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    let shift = bias?.withScalars { $0[channel] }
    if shift != nil || x != UnsafePointer(y) { vitcam_affine(x, 1, shift ?? 0, y, count) }
  }

  // MARK: Backward

  /// ∂x: the columns of Wᵀ · ∂y, added back to the places they were gathered from.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    if isDepthwise { return [depthwiseBackward(gradient, inputShape: inputs[0].shape)] }
    let shape = inputs[0].shape
    let columns = columns(of: inputs[0])
    let ranges = channelRanges(of: columns, maps: shape[0] * groups)
    let depth = weight.shape.perSample.count
    let result = Tensor(unfilled: shape) { result in
      gradient.withScalars { gradient in
        weight.withScalars { weight in
          Workers.current.forEach(shape[0] * groups * ranges.count) { index in
            let (map, channels) = (index / ranges.count, ranges[index % ranges.count])
            let (sample, group) = (map / groups, map % groups)
            let weights = weight.base + group * groupOutputs * depth + channels.lowerBound * columns.taps
            let gradients = gradient.base + (sample * outputChannels + group * groupOutputs) * columns.places
            let target = result.base + map * columns.inputCount
            func product(into out: UnsafeMutablePointer<Float>) {
              MatrixMultiplication.multiply(
                MatrixOperand(weights, stride: depth).transposed, MatrixOperand(gradients, stride: columns.places),
                into: out, outStride: columns.places, rows: channels.count * columns.taps, columns: columns.places,
                depth: groupOutputs)
            }
            if columns.isInput {
              product(into: target + channels.lowerBound * columns.places)
              return
            }
            withScratch(channels.count * columns.taps * columns.places) { scratch in
              product(into: scratch)
              columns.scatter(channels, from: scratch, into: target)
            }
          }
        }
      }
    }
    return [result]
  }

  /// Ranges of input channels whose columns fit a core's cache, and enough of them for all threads.
  private func channelRanges(of columns: ColumnMatrix, maps: Int) -> [Range<Int>] {
    let scalarsInCache = 1 << 18
    let wanted = max(
      columns.rows * columns.places / scalarsInCache, Workers.current.count == 1 ? 1 : 2 * Workers.current.count / maps)
    let count = max(1, min(wanted, columns.channels / 16))
    return (0..<count).map { columns.channels * $0 / count..<columns.channels * ($0 + 1) / count }
  }

  private func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { body($0.base) }
  }
}

/// What one matrix product of a convolution computes: some places of one sample, or all places of several samples side by
/// side, for the output channels of one group.
private struct ConvolutionPiece {
  let group: Int
  let samples: Range<Int>
  let places: Range<Int>

  /// The number of columns.
  var count: Int { samples.count * places.count }

  /// Cuts a convolution so that the columns of each piece fit a core's cache, and that there are enough for all threads.
  /// Below 128 columns, packing the weights would cost more than multiplying: there, samples share a piece.
  static func pieces(batch: Int, groups: Int, columns: ColumnMatrix) -> [ConvolutionPiece] {
    let fewest = 128
    let places = columns.places
    if places < fewest {
      let samplesAtOnce = max(1, min(4 * fewest / places, (1 << 22) / (columns.rows * places)))
      return (0..<groups).flatMap { group in
        stride(from: 0, to: batch, by: samplesAtOnce).map { first in
          ConvolutionPiece(group: group, samples: first..<min(first + samplesAtOnce, batch), places: 0..<places)
        }
      }
    }
    let scalarsInCache = 1 << 17
    let workers = Workers.current.count
    let wanted = max(columns.rows * places / scalarsInCache, workers == 1 ? 1 : 2 * workers / (batch * groups))
    let count = max(1, min(wanted, places / fewest))
    return (0..<batch * groups).flatMap { map in
      (0..<count).map { index in
        ConvolutionPiece(
          group: map % groups, samples: map / groups..<map / groups + 1,
          places: places * index / count..<places * (index + 1) / count)
      }
    }
  }
}

extension Convolution: SumOfProducts, RelevanceOp {
  func with(weight: Tensor, bias: Tensor?) -> Convolution {
    Convolution(weight: weight, bias: bias, window: window, groups: groups)
  }

  var magnitudes: Convolution { with(weight: weight.magnitudes(), bias: bias?.magnitudes()) }

  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    [rules.convolutions.backward(self, gradient, input: inputs[0], output: output)]
  }
}

extension Convolution: PlacedOp {
  func places(of inputs: [Places], shapes: [Shape]) -> Places { inputs[0].means(under: window, of: shapes[0]) }
}

extension GraphBuilder {
  /// A two-dimensional convolution with given weights, outputs × inputs of a group × kernel height × kernel width.
  public func convolution(
    _ name: String, _ x: Value, weight: Tensor, bias: Tensor?, window: SlidingWindow, groups: Int = 1
  ) -> Value {
    append(name, Convolution(weight: weight, bias: bias, window: window, groups: groups), [x])
  }

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
