import CKernels
import Tensors

/// A convolution of each channel by itself, of maps with channels last, H×W×C.
struct ChannelsLastDepthwise: FinishedProduct {
  let convolution: Convolution
  private let taps: Tensor  // [kernel height, kernel width, C]
  var ending = ProductEnding()

  /// - Precondition: a depth-wise convolution.
  init(_ convolution: Convolution) {
    self.convolution = convolution
    let shape = convolution.weight.shape
    taps = convolution.weight.reshaped(to: [shape[0], shape[2] * shape[3]]).permuted([1, 0])
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try convolution.channelsLastShape(for: inputs.prefix(1))
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    sums(inputs, finish: ending.finish)
  }

  /// ∂x: the gradient convolved with the kernel turned around; where the window takes steps, with zeros between its places.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) { sums(inputs, finish: .none) }
    let (window, x) = (convolution.window, inputs[0])
    let reach = window.reach
    guard window.padding.height <= reach.height, window.padding.width <= reach.width else {
      let first = convolution.backward(
        gradient.channelsFirst, inputs: [x.channelsFirst], output: output.channelsFirst)
      return [first[0].channelsLast] + (ending.addsInput ? [gradient] : [])
    }
    let spread = gradient.spread(by: window.stride)
    let turned = DepthwiseProduct(
      taps: taps.reversedRows, bias: nil, kernel: window.kernel, stride: Extent(1), dilation: window.dilation,
      padding: (reach.height - window.padding.height, reach.width - window.padding.width))
    let result = turned(spread, height: x.shape[1], width: x.shape[2])
    return ending.addsInput ? [result, gradient] : [result]
  }

  private func sums(_ inputs: [Tensor], finish: RowProduct.Finish) -> Tensor {
    let x = inputs[0]
    let window = convolution.window
    guard let output = try? window.output(height: x.shape[1], width: x.shape[2]) else {
      preconditionFailure("the shape rule refuses \(x.shape)")
    }
    let product = DepthwiseProduct(
      taps: taps, bias: convolution.bias, kernel: window.kernel, stride: window.stride, dilation: window.dilation,
      padding: (window.padding.height, window.padding.width))
    return product(
      x, height: output.height, width: output.width, addend: ending.addsInput ? inputs[1] : nil, finish: finish)
  }
}

/// Each channel of maps B×H×W×C by its own kernel.
private struct DepthwiseProduct {
  let taps: Tensor  // [kernel height · kernel width, C]
  let bias: Tensor?
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  /// What is read as 0 above and to the left; negative where the first rows and columns are not read.
  let padding: (top: Int, left: Int)

  func callAsFunction(
    _ x: Tensor, height: Int, width: Int, addend: Tensor? = nil, finish: RowProduct.Finish = .none
  ) -> Tensor {
    let (rows, columns, channels) = (x.shape[1], x.shape[2], x.shape[3])
    let bias = bias ?? Tensor(repeating: 0, shape: [channels])
    var geometry = VitcamDepthwiseGeometry(
      height: rows, width: columns, output_height: height, output_width: width,
      kernel_height: kernel.height, kernel_width: kernel.width,
      stride_height: stride.height, stride_width: stride.width,
      dilation_height: dilation.height, dilation_width: dilation.width,
      padding_top: padding.top, padding_left: padding.left)
    let rowSize = width * channels
    return Tensor(unfilled: [x.batchCount, height, width, channels]) { y in
      Tensor.withScalars(of: [x, taps, bias, addend ?? x]) { read in
        withUnsafePointer(to: &geometry) { geometry in
          Workers.current.forEachRange(of: y.count / rowSize, grain: max(1, (1 << 13) / rowSize)) { range in
            for row in range {
              let target = y.base + row * rowSize
              vitcam_depthwise_row(
                geometry, channels, read[0] + row / height * rows * columns * channels, row % height, read[1], read[2],
                target)
              if addend != nil { vitcam_add(target, read[3] + row * rowSize, target, rowSize) }
              finish.apply(to: target, count: rowSize)
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// A matrix with its rows in reverse.
  fileprivate var reversedRows: Tensor {
    let columns = shape[1]
    return Tensor(unfilled: shape) { result in
      withScalars { scalars in
        for row in 0..<shape[0] {
          (result.base + row * columns).update(from: scalars.base + (shape[0] - 1 - row) * columns, count: columns)
        }
      }
    }
  }
}

extension ChannelsLastDepthwise: RelevanceProduct {
  var magnitudes: ChannelsLastDepthwise { ChannelsLastDepthwise(convolution.magnitudes) }

  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    relevance(gradient, inputs: inputs, output: output, rule: rules.convolutions)
  }
}
