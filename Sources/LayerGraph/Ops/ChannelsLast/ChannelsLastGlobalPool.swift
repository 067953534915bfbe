import CKernels
import Tensors

/// The mean of each channel of maps with channels last: H×W×C becomes C.
struct ChannelsLastGlobalPool: Op {
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank == 3, shape[0] * shape[1] > 0 else {
      throw ShapeError("expected a map H×W×C with places, found \(shape)")
    }
    return [shape[2]]
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    Mean(axis: 0).forward([tokens(inputs[0])])
  }

  /// ∂y, shared out evenly.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    Mean(axis: 0).backward(gradient, inputs: [tokens(inputs[0])], output: output)
      .map { $0.reshaped(to: inputs[0].shape) }
  }

  private func tokens(_ x: Tensor) -> Tensor {
    x.reshaped(to: [x.batchCount, x.shape[1] * x.shape[2], x.shape[3]])
  }
}
