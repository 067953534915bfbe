import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Depth-wise convolution")
struct DepthwiseConvolutionTests {
  /// A window's geometry and the map it slides over.
  struct Geometry: Sendable, CustomTestStringConvertible {
    var size: (Int, Int)
    var kernel: (Int, Int)
    var stride = (1, 1)
    var padding = (0, 0)
    var dilation = (1, 1)

    var testDescription: String { "\(size), \(kernel) / \(stride), \(padding), \(dilation)" }

    func convolution(channels: Int, biased: Bool = true) -> Convolution {
      func extent(_ pair: (Int, Int)) -> Extent { Extent(height: pair.0, width: pair.1) }
      return Convolution(
        weight: Tensor.random([channels, 1, kernel.0, kernel.1], seed: 5),
        bias: biased ? Tensor.random([channels], seed: 6) : nil,
        window: SlidingWindow(
          kernel: extent(kernel), stride: extent(stride), padding: extent(padding), dilation: extent(dilation)),
        groups: channels)
    }
  }

  static let geometries = [
    Geometry(size: (7, 7), kernel: (3, 3), padding: (1, 1)),
    Geometry(size: (14, 14), kernel: (7, 7), padding: (3, 3)),
    Geometry(size: (9, 35), kernel: (5, 5), stride: (2, 2), padding: (2, 2)),
    Geometry(size: (8, 10), kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
    Geometry(size: (10, 9), kernel: (3, 5), stride: (2, 3), padding: (0, 4), dilation: (2, 2)),
    Geometry(size: (6, 5), kernel: (2, 3), stride: (3, 1), padding: (1, 2), dilation: (1, 2)),
    Geometry(size: (11, 7), kernel: (1, 1), stride: (2, 2)),
    Geometry(size: (4, 4), kernel: (2, 2), stride: (3, 4)),
    Geometry(size: (1, 1), kernel: (5, 5), padding: (2, 2)),
    Geometry(size: (2, 3), kernel: (3, 3), padding: (5, 4)),
    Geometry(size: (40, 56), kernel: (3, 3), padding: (1, 1)),
  ]

  /// The definition: every window, every tap.
  private func byDefinition(_ op: Convolution, _ x: Tensor) throws -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    let output = try op.window.output(height: height, width: width)
    var values = [Float]()
    for plane in 0..<x.shape[0] * x.shape[1] {
      let channel = plane % x.shape[1]
      for row in 0..<output.height {
        for column in 0..<output.width {
          var sum = Double(op.bias?[at: channel] ?? 0)
          for r in 0..<op.window.kernel.height {
            for c in 0..<op.window.kernel.width {
              let y = row * op.window.stride.height + r * op.window.dilation.height - op.window.padding.height
              let z = column * op.window.stride.width + c * op.window.dilation.width - op.window.padding.width
              guard (0..<height).contains(y), (0..<width).contains(z) else { continue }
              sum += Double(op.weight[at: channel, 0, r, c]) * Double(x[at: plane / x.shape[1], channel, y, z])
            }
          }
          values.append(Float(sum))
        }
      }
    }
    return Tensor(values, shape: [x.shape[0], x.shape[1], output.height, output.width])
  }

  @Test("It is the definition's sum over every window", arguments: geometries)
  func definition(geometry: Geometry) throws {
    let x = Tensor.random([2, 3, geometry.size.0, geometry.size.1], seed: 7)
    for biased in [true, false] {
      let op = geometry.convolution(channels: 3, biased: biased)
      #expect(op.isDepthwise)
      try expectClose(op.forward([x]), byDefinition(op, x))
    }
  }

  @Test("Gradients agree with central differences", arguments: geometries)
  func gradients(geometry: Geometry) {
    let x = Tensor.random([1, 2, geometry.size.0, geometry.size.1], seed: 9)
    FiniteDifferences.expectGradients(of: geometry.convolution(channels: 2), at: [x], step: 5e-2)
  }

  /// PyTorch, with x `2 * torch.arange(1, 21).reshape(1, 2, 2, 5).sin()`, the weights `torch.arange(1, 19).cos()`, the
  /// biases 0.5 and −0.25, and the gradient 1, 2, ...: `F.conv2d(x, w, b, stride=2, padding=1, groups=2)`.
  @Test("Values and gradients are PyTorch's")
  func literals() {
    let x = Tensor(
      [
        1.682942, 1.8185949, 0.28224, -1.513605, -1.9178485, -0.558831, 1.3139732, 1.9787165, 0.82423697, -1.0880422,
        -1.9999804, -1.0731459, 0.84033406, 1.9812148, 1.3005757, -0.57580665, -1.922795, -1.5019745, 0.29975443,
        1.8258905,
      ], shape: [1, 2, 2, 5])
    let weight = Tensor(
      [
        0.54030231, -0.41614684, -0.9899925, -0.65364362, 0.28366219, 0.96017029, 0.75390225, -0.14550003, -0.91113026,
        -0.83907153, 0.0044256980, 0.84385396, 0.90744678, 0.13673722, -0.75968791, -0.95765948, -0.27516334,
        0.66031671,
      ], shape: [2, 1, 3, 3])
    let op = Convolution(
      weight: weight, bias: Tensor([0.5, -0.25], shape: [2]),
      window: SlidingWindow(kernel: Extent(3), stride: Extent(2), padding: Extent(1), dilation: Extent(1)), groups: 2)
    let output = op.forward([x])
    expectClose(output, [1.607657, -2.1102536, 1.7250414, -0.81942856, -0.16141877, 0.93620336])
    let gradient = Tensor([1, 2, 3, 4, 5, 6], shape: output.shape)
    expectClose(
      op.backward(gradient, inputs: [x], output: output)[0],
      [
        0.2836622, -0.34711695, 0.5673244, -0.040590286, 0.8509866, -0.14550003, 0.59667426, -0.29100007, 0.43944633,
        -0.4365001, 0.54694885, 1.4984822, 0.68368608, 1.6462412, 0.82042325, -1.1006534, -2.1470308, -1.3758168,
        -2.4443734, -1.6509801,
      ])
  }
}
