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

  /// That of the convolution with channels first.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let gradient = ending.backward(gradient, output: output) { sums(inputs, finish: .none) }
    let first = convolution.backward(
      gradient.channelsFirst, inputs: [inputs[0].channelsFirst], output: output.channelsFirst)
    return ending.addsInput ? [first[0].channelsLast, gradient] : [first[0].channelsLast]
  }

  private func sums(_ inputs: [Tensor], finish: RowProduct.Finish) -> Tensor {
    let x = inputs[0]
    let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
    let window = convolution.window
    guard let output = try? window.output(height: height, width: width) else {
      preconditionFailure("the shape rule refuses \(x.shape)")
    }
    let bias = convolution.bias ?? Tensor(repeating: 0, shape: [channels])
    var geometry = VitcamDepthwiseGeometry(
      height: height, width: width, output_height: output.height, output_width: output.width,
      kernel_height: window.kernel.height, kernel_width: window.kernel.width,
      stride_height: window.stride.height, stride_width: window.stride.width,
      dilation_height: window.dilation.height, dilation_width: window.dilation.width,
      padding_top: window.padding.height, padding_left: window.padding.width)
    let rowSize = output.width * channels
    return Tensor(unfilled: [x.batchCount, output.height, output.width, channels]) { y in
      x.withScalars { x in
        taps.withScalars { taps in
          bias.withScalars { bias in
            inputs[inputs.count - 1].withScalars { addend in
              withUnsafePointer(to: &geometry) { geometry in
                Workers.current.forEachRange(
                  of: y.count / rowSize, grain: max(1, (1 << 13) / rowSize)
                ) { rows in
                  for row in rows {
                    let target = y.base + row * rowSize
                    vitcam_depthwise_row(
                      geometry, channels, x.base + row / output.height * height * width * channels, row % output.height,
                      taps.base, bias.base, target)
                    if ending.addsInput { vitcam_add(target, addend.base + row * rowSize, target, rowSize) }
                    finish.apply(to: target, count: rowSize)
                  }
                }
              }
            }
          }
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
