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
  private let packing: Packing
  var ending = ProductEnding()

  /// - Precondition: one group.
  init(_ convolution: Convolution, scale: Tensor? = nil, bias: Tensor?, packing: Packing) {
    self.convolution = convolution
    self.scale = scale
    self.bias = bias
    self.packing = packing
    packed = packing {
      PackedMatrix(transposing: convolution.kernelRows.asMatrix, scale: scale)
    }
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try convolution.channelsLastShape(for: inputs.prefix(1))
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

  /// ∂x = ∂y · W of a point-wise convolution, with zeros between its places where it takes steps; ∂x = ∂y ∗ W with the kernel turned around of one with stride 1; of others,
  /// that of the convolution with channels first.
  private func inputGradient(_ gradient: Tensor, _ x: Tensor, _ output: Tensor) -> Tensor {
    if convolution.readsSinglePlaces {
      let matrix = convolution.weight.reshaped(to: [packed.columns, packed.depth])
      let read = Array(gradient.shape.extents.dropLast()) + [packed.depth]
      return Linear(weight: matrix, bias: nil).inputGradient(gradient, shape: Shape(read))
        .spread(by: convolution.window.stride, height: x.shape[1], width: x.shape[2])
    }
    // Fewer channels would fill no panel of the product.
    if x.shape[3] >= 8, let window = convolution.turnedWindow {
      let turned = packing.of("gradient")() { PackedMatrix(transposing: convolution.turnedKernelRows.asMatrix) }
      return gradient.withScalars { scalars in
        let rows = WindowRows(of: gradient, scalars.base, window)
        return RowProduct(weights: .packed(turned), bias: nil)(rows, addend: nil, shape: x.shape)
      }
    }
    return convolution.backward(
      gradient.channelsFirst, inputs: [x.channelsFirst], output: output.channelsFirst)[0].channelsLast
  }

  private func sums(of x: Tensor, addend: Tensor?, _ finish: RowProduct.Finish) -> Tensor {
    x.withScalars { scalars in
      let windows = WindowRows(of: x, scalars.base, convolution.window)
      let places = [x.batchCount, windows.output.height, windows.output.width]
      return convolution.isPointwise
        ? product(of: MatrixRows(scalars.base, stride: packed.depth), places: places, addend: addend, finish)
        : product(of: windows, places: places, addend: addend, finish)
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

extension ChannelsLastConvolution: RelevanceProduct {
  var magnitudes: ChannelsLastConvolution {
    ChannelsLastConvolution(
      packing.magnitudes(of: convolution), scale: scale?.magnitudes(), bias: bias?.magnitudes(),
      packing: packing.of("magnitudes"))
  }

  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    relevance(gradient, inputs: inputs, output: output, rule: rules.convolutions)
  }
}

extension Convolution: ChannelsLastComputable {
  /// Convolutions of groups of channels stay as they are.
  func channelsLast(for inputs: [Shape], packing: Packing) -> (any Op)? {
    if isDepthwise { return ChannelsLastDepthwise(self) }
    return groups == 1 ? product(over: inputs, scale: nil, bias: bias, packing: packing) : nil
  }

  /// The convolution of maps with channels last that takes least time.
  ///
  /// - Parameters:
  ///   - inputs: the shape of what it reads, with channels first.
  ///   - scale: what the weights of each channel of the result are multiplied by, where anything.
  func product(over inputs: [Shape], scale: Tensor?, bias: Tensor?, packing: Packing) -> any Op {
    if isWorthTransforming(for: inputs) {
      return WinogradConvolution(self, scale: scale, bias: bias, packing: packing)
    }
    return ChannelsLastConvolution(self, scale: scale, bias: bias, packing: packing)
  }

  /// The shape of what this makes of one map H×W×C.
  func channelsLastShape(for inputs: some Collection<Shape>) throws(ShapeError) -> Shape {
    let shape = try single(Array(inputs))
    guard shape.rank == 3 else { throw ShapeError("expected a map H×W×C, found \(shape)") }
    let result = try outputShape(for: [[shape[2], shape[0], shape[1]]])
    return [result[1], result[2], result[0]]
  }

  /// The kernels with the channels that they read last: outputs × taps × inputs.
  var kernelRows: Tensor {
    let shape = weight.shape
    let rows = shape[2] * shape[3] == 1 ? weight : weight.permuted([0, 2, 3, 1])
    return rows.reshaped(to: [shape[0], shape[2] * shape[3], shape[1]])
  }

  /// The kernels turned by 180°, with inputs and outputs exchanged: inputs × taps × outputs.
  var turnedKernelRows: Tensor {
    let taps = kernelRows.permuted([1, 2, 0])
    let turned = Tensor(unfilled: taps.shape) { turned in
      taps.withScalars { scalars in
        let count = taps.shape.perSample.count
        for tap in 0..<taps.shape[0] {
          (turned.base + tap * count).update(from: scalars.base + (taps.shape[0] - 1 - tap) * count, count: count)
        }
      }
    }
    return turned.permuted([1, 0, 2])
  }

  /// Where the gradient's values meet turned kernels to give the gradient of the input. Nil where the window takes steps, or
  /// its padding is more than the kernel reaches.
  var turnedWindow: SlidingWindow? {
    let reach = window.reach
    let (first, last) = (window.padding, window.trailingPadding)
    guard window.stride == Extent(1), max(first.height, last.height) <= reach.height,
      max(first.width, last.width) <= reach.width
    else { return nil }
    return SlidingWindow(
      kernel: window.kernel, stride: Extent(1),
      padding: Extent(height: reach.height - first.height, width: reach.width - first.width),
      trailingPadding: Extent(height: reach.height - last.height, width: reach.width - last.width),
      dilation: window.dilation)
  }

  /// Whether each place of the result sees the same place of the map only.
  var isPointwise: Bool { readsSinglePlaces && window.stride == Extent(1) }

  /// Whether each place of the result sees one place of the map only.
  var readsSinglePlaces: Bool {
    window.kernel == Extent(1) && window.padding == Extent(0) && window.trailingPadding == Extent(0)
  }
}

extension Tensor {
  /// Outputs × taps × inputs as outputs × (tap, input).
  fileprivate var asMatrix: Tensor { reshaped(to: [shape[0], shape.perSample.count]) }
  /// B×H×W×C as B×C×H×W.
  var channelsFirst: Tensor { permuted([0, 3, 1, 2]) }
  /// B×C×H×W as B×H×W×C.
  var channelsLast: Tensor { permuted([0, 2, 3, 1]) }
}
