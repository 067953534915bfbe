import TestSupport
import Tensors
import Testing

@testable import LayerGraph

/// Against PyTorch: `y = F.relu6(x); y.backward(torch.full_like(x, 2))`.
@Suite("ReLU6")
struct ReLU6Tests {
  private let x = Tensor([-1, 0, 1e-3, 3, 6, 6.5, .nan], shape: [1, 7])

  @Test("Values lie between 0 and 6, and NaN stays")
  func values() {
    expectClose(ReLU6().forward([x]), [0, 0, 1e-3, 3, 6, 6, .nan], tolerance: .exact)
  }

  @Test("The gradient passes strictly between 0 and 6, as in PyTorch")
  func gradient() {
    let found = ReLU6().backward(Tensor(repeating: 2, shape: [1, 7]), inputs: [x], output: ReLU6().forward([x]))
    expectClose(found[0], [0, 0, 2, 2, 0, 0, 2], tolerance: .exact)
  }
}
