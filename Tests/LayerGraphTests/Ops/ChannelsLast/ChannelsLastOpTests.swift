import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Ops with channels last")
struct ChannelsLastOpTests {
  /// An op with channels first, its input, and a name to tell it by.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let op: any ChannelsLastComputable
    let inputs: [Shape]
  }

  private static func convolution(
    _ outputs: Int, _ inputs: Int, kernel: Extent, stride: Int = 1, padding: Int = 0, trailing: Int? = nil,
    dilation: Int = 1, groups: Int = 1
  ) -> Convolution {
    Convolution(
      weight: .random([outputs, inputs / groups, kernel.height, kernel.width], seed: 1),
      bias: .random([outputs], seed: 2),
      window: SlidingWindow(
        kernel: kernel, stride: Extent(stride), padding: Extent(padding), trailingPadding: trailing.map { Extent($0) },
        dilation: Extent(dilation)), groups: groups)
  }

  private static let norm = BatchNorm(
    gamma: .random([5], seed: 1), beta: .random([5], seed: 2), mean: .random([5], seed: 3),
    variance: .random([5], seed: 4, in: 0.5...1), epsilon: 1e-5)
  private static let window = SlidingWindow(
    kernel: Extent(3), stride: Extent(2), padding: Extent(1), dilation: Extent(1))

  static let cases: [Case] = [
    Case(testDescription: "point-wise", op: convolution(7, 5, kernel: Extent(1)), inputs: [[5, 6, 4]]),
    Case(testDescription: "3×3", op: convolution(7, 5, kernel: Extent(3), padding: 1), inputs: [[5, 6, 4]]),
    Case(
      testDescription: "strided, unevenly padded", op: convolution(7, 3, kernel: Extent(3), stride: 2, trailing: 1),
      inputs: [[3, 8, 9]]),
    Case(
      testDescription: "dilated, wide",
      op: convolution(4, 2, kernel: Extent(height: 1, width: 3), padding: 2, dilation: 2),
      inputs: [[2, 5, 6]]),
    Case(testDescription: "deep", op: convolution(40, 70, kernel: Extent(3), padding: 1), inputs: [[70, 4, 5]]),
    Case(
      testDescription: "3×3 by Winograd's method, unpadded, an odd map",
      op: convolution(48, 16, kernel: Extent(3)), inputs: [[16, 9, 12]]),
    Case(
      testDescription: "3×3 by Winograd's method, unevenly padded",
      op: convolution(16, 80, kernel: Extent(3), padding: 2, trailing: 1), inputs: [[80, 7, 5]]),
    Case(
      testDescription: "3×3 by Winograd's method, more channels than a piece",
      op: convolution(33, 270, kernel: Extent(3), padding: 1), inputs: [[270, 11, 13]]),
    Case(
      testDescription: "3×3 by Winograd's method and a norm",
      op: FoldedConvolution(
        convolution: convolution(16, 16, kernel: Extent(3), padding: 1),
        norm: BatchNorm(
          gamma: .random([16], seed: 1), beta: .random([16], seed: 2), mean: .random([16], seed: 3),
          variance: .random([16], seed: 4, in: 0.5...1), epsilon: 1e-5)), inputs: [[16, 6, 5]]),
    Case(
      testDescription: "many channels, unevenly padded and dilated",
      op: convolution(6, 9, kernel: Extent(height: 2, width: 3), padding: 1, trailing: 2, dilation: 2),
      inputs: [[9, 7, 6]]),
    Case(testDescription: "patches", op: convolution(6, 3, kernel: Extent(4), stride: 4), inputs: [[3, 12, 8]]),
    Case(
      testDescription: "depth-wise 3×3", op: convolution(18, 18, kernel: Extent(3), padding: 1, groups: 18),
      inputs: [[18, 7, 6]]),
    Case(
      testDescription: "depth-wise 5×5, strided",
      op: convolution(33, 33, kernel: Extent(5), stride: 2, padding: 2, groups: 33), inputs: [[33, 11, 9]]),
    Case(
      testDescription: "depth-wise 7×7, few channels", op: convolution(3, 3, kernel: Extent(7), padding: 3, groups: 3),
      inputs: [[3, 8, 5]]),
    Case(
      testDescription: "depth-wise, dilated",
      op: convolution(16, 16, kernel: Extent(3), padding: 2, dilation: 2, groups: 16),
      inputs: [[16, 6, 6]]),
    Case(
      testDescription: "3×3 and a norm",
      op: FoldedConvolution(convolution: convolution(5, 4, kernel: Extent(3), padding: 1), norm: norm),
      inputs: [[4, 6, 5]]),
    Case(
      testDescription: "point-wise and a norm",
      op: FoldedConvolution(convolution: convolution(5, 4, kernel: Extent(1)), norm: norm), inputs: [[4, 6, 5]]),
    Case(
      testDescription: "depth-wise and a norm",
      op: FoldedConvolution(convolution: convolution(5, 5, kernel: Extent(3), groups: 5), norm: norm),
      inputs: [[5, 6, 5]]),
    Case(testDescription: "batch norm", op: norm, inputs: [[5, 3, 4]]),
    Case(testDescription: "maximum", op: MaxPool(window: window), inputs: [[5, 7, 6]]),
    Case(testDescription: "mean", op: AveragePool(window: window, countsPadding: false), inputs: [[5, 7, 6]]),
    Case(testDescription: "gate", op: Multiply(), inputs: [[5, 3, 4], [5, 1, 1]]),
    Case(testDescription: "joined", op: Concatenate(axis: 0), inputs: [[5, 3, 4], [2, 3, 4]]),
  ]

  private func moved(_ example: Case) throws -> (op: any Op, inputs: [Tensor], plain: [Tensor]) {
    let plain = example.inputs.enumerated().map { Tensor.random($1.batched(2), seed: UInt64(10 + $0)) }
    let op = try #require(
      example.op.channelsLast(for: example.inputs, packing: Packing(step: "step", weights: PackedWeights())))
    return (op, plain.map(\.channelsLast), plain)
  }

  @Test("give what those with channels first give", arguments: cases)
  func values(_ example: Case) throws {
    let (op, inputs, plain) = try moved(example)
    let result = op.forward(inputs)
    #expect(try op.outputShape(for: inputs.map(\.shape.perSample)) == result.shape.perSample)
    expectClose(result.channelsFirst, example.op.forward(plain), tolerance: Tolerances.values)
  }

  @Test("have the gradients of those with channels first", arguments: cases)
  func gradients(_ example: Case) throws {
    let (op, inputs, plain) = try moved(example)
    let result = op.forward(inputs)
    let upstream = Tensor.random(result.shape, seed: 20)
    let found = op.backward(upstream, inputs: inputs, output: result)
    let expected = example.op.backward(upstream.channelsFirst, inputs: plain, output: result.channelsFirst)
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { expectClose(a.channelsFirst, b, tolerance: .relative(1e-5)) }
  }

  @Test(
    "add and activate as ops of their own do",
    arguments: cases.filter { !($0.op is WindowPool || $0.op is Multiply || $0.op is Concatenate) })
  func endings(_ example: Case) throws {
    let (op, inputs, _) = try moved(example)
    var finished = try #require(op as? any FinishedProduct)
    let sums = op.forward(inputs)
    let addend = Tensor.random(sums.shape, seed: 30)
    finished.ending.addsInput = finished.takesAddend
    for activation in [ReLU(), ReLU6(), SiLU(), GELU()] as [any Pointwise] {
      finished.ending.activation = activation
      let operands = finished.takesAddend ? inputs + [addend] : inputs
      let total = finished.takesAddend ? sums + addend : sums
      let expected = activation.forward([total])
      let found = finished.forward(operands)
      expectClose(found, expected, tolerance: Tolerances.values)
      let upstream = Tensor.random(sums.shape, seed: 31)
      let inner = activation.backward(upstream, inputs: [total], output: expected)[0]
      let gradients = finished.backward(upstream, inputs: operands, output: found)
      expectClose(
        gradients[0], op.backward(inner, inputs: inputs, output: sums)[0], tolerance: .relative(1e-5))
      if finished.takesAddend { expectClose(gradients[1], inner, tolerance: .relative(1e-5)) }
    }
  }

  @Test("the mean of a map is that of its channels")
  func globalPool() {
    let x = Tensor.random([2, 5, 3, 4], seed: 1)
    let op = ChannelsLastGlobalPool()
    expectClose(
      op.forward([x.channelsLast]), GlobalPool(kind: .average).forward([x]), tolerance: Tolerances.values)
    FiniteDifferences.expectGradients(of: op, at: [x.channelsLast])
  }

  @Test("a convolution that joins and normalises has the gradient of its definition")
  func prepared() {
    let norm = ChannelsLastBatchNorm(norm: Self.norm)
    let op = PreparedConvolution(
      convolution: ChannelsLastConvolution(
        Self.convolution(6, 5, kernel: Extent(1)), bias: nil, packing: Packing(step: "", weights: PackedWeights())),
      norm: norm, mapCount: 2)
    let maps = [Tensor.random([2, 3, 4, 2], seed: 8), .random([2, 3, 4, 3], seed: 9)]
    let joined = Concatenate(axis: 2).forward(maps)
    expectClose(
      op.forward(maps), op.convolution.forward([norm.forward([joined])]), tolerance: Tolerances.values)
    FiniteDifferences.expectGradients(of: op, at: maps, step: 0.1)
  }
}
