import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Convolution")
struct ConvolutionTests {
  /// A convolution's geometry and the map that it is tried on.
  struct Geometry: CustomTestStringConvertible {
    var batch = 1
    var inputs = 3
    var outputs = 4
    var map = Extent(height: 5, width: 6)
    var kernel = Extent(3)
    var stride = Extent(1)
    var padding = Extent(0)
    var dilation = Extent(1)
    var groups = 1
    var biased = true

    func op() -> Convolution {
      Convolution(
        weight: .random([outputs, inputs / groups, kernel.height, kernel.width], seed: 1),
        bias: biased ? .random([outputs], seed: 2) : nil,
        window: SlidingWindow(kernel: kernel, stride: stride, padding: padding, dilation: dilation), groups: groups)
    }

    func input() -> Tensor { .random([batch, inputs, map.height, map.width], seed: 3) }

    var testDescription: String {
      """
      \(batch)×\(inputs)×\(map.height)×\(map.width) to \(outputs) by \(kernel.height)×\(kernel.width), stride \
      \(stride.height),\(stride.width), padding \(padding.height),\(padding.width), dilation \
      \(dilation.height),\(dilation.width), \(groups) groups
      """
    }
  }

  static let geometries = [
    Geometry(),
    Geometry(batch: 3, padding: Extent(1)),
    Geometry(stride: Extent(2), padding: Extent(1), biased: false),
    Geometry(
      map: Extent(height: 7, width: 9), kernel: Extent(height: 3, width: 5), stride: Extent(height: 2, width: 1)),
    Geometry(map: Extent(height: 9, width: 8), padding: Extent(2), dilation: Extent(height: 2, width: 3)),
    Geometry(kernel: Extent(1)),
    Geometry(batch: 2, kernel: Extent(1), stride: Extent(2)),
    Geometry(kernel: Extent(1), padding: Extent(1)),
    Geometry(batch: 2, inputs: 6, outputs: 4, padding: Extent(1), groups: 2),
    Geometry(inputs: 4, outputs: 4, stride: Extent(2), padding: Extent(1), groups: 4),
    Geometry(inputs: 3, outputs: 6, kernel: Extent(1), groups: 3),
    // A window that sees padding only at the corners.
    Geometry(map: Extent(2), kernel: Extent(2), padding: Extent(2)),
    Geometry(map: Extent(height: 1, width: 7), kernel: Extent(height: 1, width: 3), stride: Extent(3)),
    // The window takes one place; many samples share a product.
    Geometry(batch: 5, map: Extent(4), kernel: Extent(4)),
    // Enough places for several tiles, in rows that tiles cut; enough channels for several ranges.
    Geometry(inputs: 40, map: Extent(height: 19, width: 23), padding: Extent(1)),
    Geometry(batch: 2, inputs: 40, outputs: 3, map: Extent(height: 31, width: 17), stride: Extent(height: 1, width: 2)),
    Geometry(inputs: 64, outputs: 96, map: Extent(height: 18, width: 17), kernel: Extent(1)),
  ]

  @Test("agrees with PyTorch", arguments: OperationReference.cases(of: "convolution"))
  func reference(_ reference: OperationReference) throws {
    let weight = try reference.tensor("weight")
    let op = Convolution(
      weight: weight, bias: reference["bias"],
      window: SlidingWindow(
        kernel: Extent(height: weight.shape[2], width: weight.shape[3]), stride: try reference.extent("stride"),
        padding: try reference.extent("padding"), dilation: try reference.extent("dilation")),
      groups: Int(try reference.number("groups")))
    try reference.expectAgreement(of: op)
  }

  @Test("equals its definition, on one thread and on several", arguments: geometries)
  func definition(_ geometry: Geometry) throws {
    let (op, x) = (geometry.op(), geometry.input())
    let expected = try plainly(op, x)
    for workers in [1, 2, 5] {
      let found = Workers.$current.withValue(Workers(count: workers)) { op.forward([x]) }
      expectClose(found, expected, tolerance: .relative(1e-5), "\(workers) threads")
    }
  }

  @Test("has the gradient of its definition", arguments: geometries)
  func gradient(_ geometry: Geometry) {
    for workers in [1, 3] {
      Workers.$current.withValue(Workers(count: workers)) {
        FiniteDifferences.expectGradients(of: geometry.op(), at: [geometry.input()], step: 0.1, places: 60)
      }
    }
  }

  @Test("a NaN reaches every place that sees it")
  func notANumber() {
    var x = Geometry().input()
    x.withMutableScalars { $0[0] = .nan }
    let y = Geometry().op().forward([x])
    #expect(y[at: 0, 0, 0, 0].isNaN)
    #expect(!y[at: 0, 0, 0, 1].isNaN)
  }

  @Test("refuses other channels, other axes, and maps smaller than the window")
  func shapes() {
    let op = Geometry(kernel: Extent(height: 3, width: 2)).op()
    #expect(throws: ShapeError("expected 3 channels, found 4×5×6")) { try op.outputShape(for: [[4, 5, 6]]) }
    #expect(throws: ShapeError("expected a feature map C×H×W, found 3×5")) { try op.outputShape(for: [[3, 5]]) }
    #expect(throws: ShapeError("expected one input, found 0")) { try op.outputShape(for: []) }
    let small = #expect(throws: ShapeError.self) { try op.outputShape(for: [[3, 2, 6]]) }
    #expect(small?.description.hasPrefix("a window of 3×2 does not fit a map of 2×6") == true)
    let uneven = Geometry(inputs: 4, outputs: 5, groups: 2).op()
    #expect(throws: ShapeError("expected output channels for 2 equal groups, found 5")) {
      try uneven.outputShape(for: [[4, 5, 6]])
    }
  }

  /// y[o, i, j] = b[o] + Σ w[o, c, k, l] x[c, i s − p + k d, j s − p + l d], in double precision.
  private func plainly(_ op: Convolution, _ x: Tensor) throws -> Tensor {
    let shape = try op.outputShape(for: [x.shape.perSample])
    let (weight, window) = (op.weight, op.window)
    let (outputs, inputs) = (weight.shape[0] / op.groups, weight.shape[1])
    var result = [Float]()
    for sample in 0..<x.batchCount {
      for channel in 0..<shape[0] {
        for row in 0..<shape[1] {
          for column in 0..<shape[2] {
            var sum = Double(op.bias?[at: channel] ?? 0)
            for k in 0..<window.kernel.height {
              for l in 0..<window.kernel.width {
                let y = row * window.stride.height - window.padding.height + k * window.dilation.height
                let z = column * window.stride.width - window.padding.width + l * window.dilation.width
                guard (0..<x.shape[2]).contains(y), (0..<x.shape[3]).contains(z) else { continue }
                for c in 0..<inputs {
                  let source = channel / outputs * inputs + c
                  sum += Double(weight[at: channel, c, k, l]) * Double(x[at: sample, source, y, z])
                }
              }
            }
            result.append(Float(sum))
          }
        }
      }
    }
    return Tensor(result, shape: shape.batched(x.batchCount))
  }
}
