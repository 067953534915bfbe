import CKernels
import Tensors

/// A convolution of maps with channels last, H×W×C: each place of the result is a row of a product whose depth is all that
/// the window sees there, (tap, channel).
struct ChannelsLastConvolution: FinishedProduct {
  let convolution: Convolution
  let packed: PackedMatrix
  var ending = ProductEnding()

  /// - Precondition: one group.
  init(_ convolution: Convolution) {
    self.convolution = convolution
    let weight = convolution.weight
    let rows = weight.permuted([0, 2, 3, 1])
    packed = PackedMatrix(transposing: rows.reshaped(to: [weight.shape[0], weight.shape.perSample.count]))
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(Array(inputs.prefix(1)))
    guard shape.rank == 3 else { throw ShapeError("expected a map H×W×C, found \(shape)") }
    let result = try convolution.outputShape(for: [[shape[2], shape[0], shape[1]]])
    return [result[1], result[2], result[0]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    product(inputs, ending.finish)
  }

  /// That of the convolution with channels first.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) { product(inputs, .none) }
    let first = convolution.backward(
      gradient.channelsFirst, inputs: [inputs[0].channelsFirst], output: output.channelsFirst)
    return ending.addsInput ? [first[0].channelsLast, gradient] : [first[0].channelsLast]
  }

  private func product(_ inputs: [Tensor], _ finish: RowProduct.Finish) -> Tensor {
    let x = inputs[0]
    let windows = WindowRows.Geometry(
      height: x.shape[1], width: x.shape[2], channels: x.shape[3], window: convolution.window)
    let shape: Shape = [x.batchCount, windows.output.height, windows.output.width, packed.columns]
    let product = RowProduct(weights: .packed(packed), bias: convolution.bias, finish: finish)
    return Tensor(unfilled: shape) { y in
      x.withScalars { x in
        func multiply(adding addend: UnsafePointer<Float>?) {
          product(
            WindowRows(base: x.base, geometry: windows), rows: shape.count / packed.columns, addend: addend,
            into: y.base)
        }
        if ending.addsInput { inputs[1].withScalars { multiply(adding: $0.base) } } else { multiply(adding: nil) }
      }
    }
  }
}

extension Convolution: ChannelsLastComputable {
  /// A convolution of one place at a time is a linear layer; grouped ones stay as they are.
  func channelsLast(for inputs: [Shape]) -> (any Op)? {
    if isDepthwise { return ChannelsLastDepthwise(self) }
    guard groups == 1 else { return nil }
    guard isPointwise else { return ChannelsLastConvolution(self) }
    let matrix = weight.reshaped(to: [weight.shape[0], weight.shape[1]])
    return Linear(weight: matrix, bias: bias, packed: PackedMatrix(transposing: matrix))
  }

  private var isPointwise: Bool {
    window.kernel == Extent(1) && window.stride == Extent(1) && window.padding == Extent(0)
      && window.trailingPadding == Extent(0)
  }
}

/// What a window sees at each of its places on maps with channels last: a row for each place, zeros in the padding.
private struct WindowRows: RowSource {
  struct Geometry {
    let height: Int
    let width: Int
    let channels: Int
    let window: SlidingWindow
    let output: Extent

    init(height: Int, width: Int, channels: Int, window: SlidingWindow) {
      self.height = height
      self.width = width
      self.channels = channels
      self.window = window
      output = (try? window.output(height: height, width: width)) ?? Extent(0)
    }
  }

  let base: UnsafePointer<Float>
  let geometry: Geometry

  func copy(rows: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<Float>, stride: Int) {
    let g = geometry
    let places = g.output.height * g.output.width
    for (index, row) in rows.enumerated() {
      let place = row % places
      let map = base + row / places * g.height * g.width * g.channels
      copyWindow(
        of: map, row: place / g.output.width, column: place % g.output.width, depth, into: target + index * stride)
    }
  }

  /// Copies a part of what the window sees at one place: of each row of the kernel, neighbours lie together.
  private func copyWindow(
    of map: UnsafePointer<Float>, row: Int, column: Int, _ depth: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let (window, channels) = (geometry.window, geometry.channels)
    let isDense = window.dilation.width == 1
    let tapsOfRun = isDense ? window.kernel.width : 1
    let run = tapsOfRun * channels
    for index in depth.lowerBound / run...(depth.upperBound - 1) / run {
      let wanted = max(depth.lowerBound, index * run)..<min(depth.upperBound, (index + 1) * run)
      let out = target + wanted.lowerBound - depth.lowerBound
      let tap = index * tapsOfRun
      let x = column * window.stride.width + window.firstInputColumn(kernelColumn: tap % window.kernel.width)
      guard let y = window.inputRow(row, kernelRow: tap / window.kernel.width, height: geometry.height) else {
        out.update(repeating: 0, count: wanted.count)
        continue
      }
      // Scalars of this run that lie inside the map.
      let first = min(max(wanted.lowerBound, index * run + max(0, -x) * channels), wanted.upperBound)
      let end = min(wanted.upperBound, index * run + min(tapsOfRun, geometry.width - x) * channels)
      let inside = first..<max(first, end)
      out.update(repeating: 0, count: inside.lowerBound - wanted.lowerBound)
      (out + inside.lowerBound - wanted.lowerBound).update(
        from: map + (y * geometry.width + x) * channels + inside.lowerBound - index * run, count: inside.count)
      (out + inside.upperBound - wanted.lowerBound).update(repeating: 0, count: wanted.upperBound - inside.upperBound)
    }
  }
}

extension Tensor {
  /// B×H×W×C as B×C×H×W.
  var channelsFirst: Tensor { permuted([0, 3, 1, 2]) }
  /// B×C×H×W as B×H×W×C.
  var channelsLast: Tensor { permuted([0, 2, 3, 1]) }
}
