import CKernels
import Tensors

/// A convolution of maps with channels last, H×W×C: each place of the result is a row of a product whose depth is all that
/// the window sees there, (tap, channel). Of a point-wise one, the map's own rows are those of the product.
struct ChannelsLastConvolution: FinishedProduct {
  let convolution: Convolution
  /// What the weights of each channel of the result are multiplied by, where anything: a folded norm's factors.
  let scale: Tensor?
  let bias: Tensor?
  let packed: PackedMatrix
  var ending = ProductEnding()

  /// - Precondition: one group.
  init(_ convolution: Convolution, scale: Tensor? = nil, bias: Tensor?, packing: Packing) {
    self.convolution = convolution
    self.scale = scale
    self.bias = bias
    packed = packing {
      let weight = convolution.weight
      let rows = convolution.isPointwise ? weight : weight.permuted([0, 2, 3, 1])
      return PackedMatrix(
        transposing: rows.reshaped(to: [weight.shape[0], weight.shape.perSample.count]), scale: scale)
    }
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(Array(inputs.prefix(1)))
    guard shape.rank == 3 else { throw ShapeError("expected a map H×W×C, found \(shape)") }
    let result = try convolution.outputShape(for: [[shape[2], shape[0], shape[1]]])
    return [result[1], result[2], result[0]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    sums(of: inputs[0], addend: ending.addsInput ? inputs[1] : nil, ending.finish)
  }

  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) {
      sums(of: inputs[0], addend: ending.addsInput ? inputs[1] : nil, .none)
    }
    let scaled = scale.map { LayerScale(gamma: $0).forward([gradient]) } ?? gradient
    return [inputGradient(scaled, inputs[0], output)] + (ending.addsInput ? [gradient] : [])
  }

  /// ∂x = ∂y · W of a point-wise convolution; of others, that of the convolution with channels first.
  private func inputGradient(_ gradient: Tensor, _ x: Tensor, _ output: Tensor) -> Tensor {
    guard convolution.isPointwise else {
      return convolution.backward(
        gradient.channelsFirst, inputs: [x.channelsFirst], output: output.channelsFirst)[0].channelsLast
    }
    let matrix = convolution.weight.reshaped(to: [packed.columns, packed.depth])
    return Linear(weight: matrix, bias: nil).backward(gradient, inputs: [x], output: output)[0]
  }

  private func sums(of x: Tensor, addend: Tensor?, _ finish: RowProduct.Finish) -> Tensor {
    let windows = WindowRows.Geometry(
      height: x.shape[1], width: x.shape[2], channels: x.shape[3], window: convolution.window)
    let places = [x.batchCount, windows.output.height, windows.output.width]
    return x.withScalars { x in
      convolution.isPointwise
        ? product(of: MatrixRows(x.base, stride: packed.depth), places: places, addend: addend, finish)
        : product(of: WindowRows(base: x.base, geometry: windows), places: places, addend: addend, finish)
    }
  }

  /// The rows of a source times the weights; `places` are the extents that count them.
  func product(
    of rows: some RowSource, places: [Int], addend: Tensor?, _ finish: RowProduct.Finish
  ) -> Tensor {
    let product = RowProduct(weights: .packed(packed), bias: bias, finish: finish)
    return product(rows, addend: addend, shape: Shape(places + [packed.columns]))
  }
}

extension Convolution: ChannelsLastComputable {
  /// Convolutions of groups of channels stay as they are.
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)? {
    if isDepthwise { return ChannelsLastDepthwise(self) }
    return groups == 1 ? ChannelsLastConvolution(self, bias: bias, packing: packing) : nil
  }

  /// Whether each place of the result sees the same place of the map only.
  var isPointwise: Bool {
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
