import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Against PyTorch, x being `torch.arange(1, 13).reshape(1, 3, 2, 2).sin()` and the gradient 1...12:
///
///     F.layer_norm(x.permute(0, 2, 3, 1), (3,), weight, bias, 1e-6).permute(0, 3, 1, 2)
@Suite("Layer norm over the channels")
struct ChannelNormTests {
  private let op = ChannelNorm(
    norm: LayerNorm(gamma: Tensor([1, 0.5, 2], shape: [3]), beta: Tensor([0, 1, -1], shape: [3]), epsilon: 1e-6))
  private let x = Tensor(
    [
      0.84147098, 0.90929743, 0.14112001, -0.75680250, -0.95892427, -0.27941550, 0.65698660, 0.98935825, 0.41211849,
      -0.54402111, -0.99999021, -0.53657292,
    ], shape: [1, 3, 2, 2])

  @Test("Values and gradients are PyTorch's")
  func literals() {
    let output = op.forward([x])
    expectClose(
      output,
      [
        0.96803528, 1.3934025, 0.30103552, -0.84416568, 0.31156695, 0.7563138, 1.5230784, 1.7023498, -0.18233848,
        -2.8120599, -3.6943846, -2.121068,
      ])
    let gradient = Tensor((1...12).map(Float.init), shape: x.shape)
    expectClose(
      op.backward(gradient, inputs: [x], output: output)[0],
      [
        -10.084631, 2.3223782, -5.7545023, -12.648667, -3.1580844, -12.755581, 3.9629202, -1.8255272, 13.242716,
        10.4332, 1.7915783, 14.474195,
      ], tolerance: .relative(1e-5))
  }

  @Test("Gradients agree with central differences")
  func gradients() {
    FiniteDifferences.expectGradients(of: op, at: [Tensor.random([2, 3, 4, 5], seed: 8)], step: 3e-3)
  }

  @Test("Other channels are refused")
  func shapes() {
    #expect(throws: ShapeError("expected 3 channels along the first axis, found 4×2×2")) {
      try op.outputShape(for: [[4, 2, 2]])
    }
  }
}
