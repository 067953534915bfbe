import Tensors

/// A convolution of maps with channels last, H×W×C, whose kernel has 3×3 taps and moves by one place, by Winograd's method, see
/// ``WinogradProduct``: it takes less than half of the multiplications.
struct WinogradConvolution: FinishedProduct {
  let convolution: Convolution
  /// What the weights of each channel of the result are multiplied by, where anything: a folded norm's factors.
  let scale: Tensor?
  let bias: Tensor?
  private let kernels: [PackedMatrix]
  private let packing: Packing
  var ending = ProductEnding()

  init(_ convolution: Convolution, scale: Tensor?, bias: Tensor?, packing: Packing) {
    self.convolution = convolution
    self.scale = scale
    self.bias = bias
    self.packing = packing
    kernels = packing.transformed(scale: scale) { convolution.kernelRows }
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try convolution.channelsLastShape(for: inputs.prefix(1))
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    sums(of: inputs, ending.finish)
  }

  private func sums(of inputs: [Tensor], _ finish: RowProduct.Finish) -> Tensor {
    WinogradProduct(kernels: kernels, bias: bias, finish: finish)(
      inputs[0], convolution.window, addend: ending.addsInput ? inputs[1] : nil)
  }

  /// ∂x: the gradients convolved with the kernels turned around, their inputs and outputs exchanged.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) { sums(of: inputs, .none) }
    let scaled = scale.map { LayerScale(gamma: $0).forward([gradient]) } ?? gradient
    guard let window = convolution.turnedWindow else { preconditionFailure("padding of more than the kernel reaches") }
    let turned = packing.of("gradient").transformed(scale: nil) { convolution.turnedKernelRows }
    let result = WinogradProduct(kernels: turned, bias: nil)(scaled, window)
    return [result] + (ending.addsInput ? [gradient] : [])
  }
}

extension WinogradConvolution: RelevanceProduct {
  var magnitudes: WinogradConvolution {
    WinogradConvolution(
      packing.magnitudes(of: convolution), scale: scale?.magnitudes(), bias: bias?.magnitudes(),
      packing: packing.of("magnitudes"))
  }

  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    relevance(gradient, inputs: inputs, output: output, rule: rules.convolutions)
  }
}

extension Convolution {
  /// Whether Winograd's method is faster: where there are enough channels for its products, and where either enough tiles
  /// share the transformed kernels, which are nearly twice as large as the kernels, or these stay in the cache.
  func isWorthTransforming(for inputs: [Shape]) -> Bool {
    let fewestChannels = 16
    let scalarsInCache = 1 << 18
    let fewestTiles = 32
    guard groups == 1, window.kernel == Extent(3), window.dilation == Extent(1), !window.roundsUp,
      min(weight.shape[0], weight.shape[1]) >= fewestChannels, turnedWindow != nil,
      let result = try? outputShape(for: inputs)
    else { return false }
    let tiles = (result[1] + 1) / 2 * ((result[2] + 1) / 2)
    return tiles >= fewestTiles || 16 * weight.shape[0] * weight.shape[1] <= scalarsInCache
  }
}

extension Packing {
  /// The transformed kernels of a step, packed for their products; `kernels` gives outputs × taps × inputs.
  fileprivate func transformed(scale: Tensor?, _ kernels: () -> Tensor) -> [PackedMatrix] {
    lazy var matrices = WinogradProduct.transformed(kernels())
    return (0..<WinogradProduct.placeCount).map { place in
      of("place \(place)")() { PackedMatrix(transposing: matrices[place], scale: scale) }
    }
  }
}

extension WinogradProduct {
  /// Convolves maps B×H×W×C by a window of 3×3.
  fileprivate func callAsFunction(_ maps: Tensor, _ window: SlidingWindow, addend: Tensor? = nil) -> Tensor {
    let output = (try? window.output(height: maps.shape[1], width: maps.shape[2])) ?? Extent(0)
    return self(
      maps, top: window.padding.height, left: window.padding.width, height: output.height, width: output.width,
      addend: addend)
  }
}
