import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Against PyTorch: `F.silu(x)`, `F.hardsigmoid(x)`, `F.hardswish(x)`, and their gradients for a gradient of ones.
@Suite("Activations of mobile networks")
struct MobileActivationTests {
  private let line = Tensor([-100, -4, -2.5, -1, -0.25, 0, 0.25, 1, 2.5, 4, 100], shape: [1, 11])

  private func expect(_ op: any Op, values: [Float], slopes: [Float]) {
    let output = op.forward([line])
    expectClose(output, values)
    let ones = Tensor(repeating: 1, shape: line.shape)
    expectClose(op.backward(ones, inputs: [line], output: output)[0], slopes)
  }

  @Test("SiLU")
  func silu() {
    expect(
      SiLU(),
      values: [
        0, -0.07194484, -0.18964545, -0.26894143, -0.10945588, 0, 0.14054413, 0.7310586, 2.3103545, 3.928055, 100,
      ],
      slopes: [
        0, -0.052664611, -0.099401109, 0.072329484, 0.37628999, 0.5, 0.62371004, 0.92767054, 1.0994011, 1.0526646, 1,
      ])
  }

  @Test("Hard sigmoid")
  func hardSigmoid() {
    let slope: Float = 0.16666667
    expect(
      HardSigmoid(),
      values: [0, 0, 0.083333336, 0.33333334, 0.45833334, 0.5, 0.54166669, 0.66666669, 0.91666669, 1, 1],
      slopes: [0, 0, slope, slope, slope, slope, slope, slope, slope, 0, 0])
  }

  @Test("Hard swish")
  func hardSwish() {
    expect(
      HardSwish(),
      values: [0, 0, -0.20833333, -0.33333334, -0.11458334, 0, 0.13541667, 0.66666669, 2.2916667, 4, 100],
      slopes: [0, 0, -0.33333331, 0.16666666, 0.41666666, 0.5, 0.58333331, 0.83333337, 1.3333333, 1, 1])
  }

  @Test("Gradients agree with central differences, and NaN stays")
  func gradients() {
    let ops: [any Op] = [SiLU(), HardSigmoid(), HardSwish()]
    for op in ops {
      FiniteDifferences.expectGradients(of: op, at: [Tensor.random([2, 40], seed: 3, in: -2.9...2.9)])
      #expect(op.forward([Tensor([.nan], shape: [1, 1])]).scalars[0].isNaN)
    }
  }
}
