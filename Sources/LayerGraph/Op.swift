import Tensors

/// One operation of a model: a pure function of tensors, with its weights inside, and its derivative.
///
/// Shapes are those of one sample; tensors carry the batch as their first axis. There are no gradients of parameters: an
/// explanation needs none.
public protocol Op: Sendable {
  /// The shape of one sample of the result, or why these inputs do not fit.
  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape

  /// The result for a batch. All inputs have the same batch count.
  func forward(_ inputs: [Tensor]) -> Tensor

  /// The gradients of the inputs, in their order, given the gradient of the output.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor]
}

/// Why an op refuses its inputs: what it expected and what it found.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  /// One line: what was expected and what was found.
  public let description: String

  /// An error of one line that says what was expected and what was found.
  public init(_ description: String) {
    self.description = description
  }
}

extension Op {
  /// The only input's shape, or an error where there is another number of inputs.
  func single(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs.count == 1 else { throw ShapeError("expected one input, found \(inputs.count)") }
    return inputs[0]
  }

  /// The only input's channels, height and width, or an error where it has other axes.
  func featureMap(_ inputs: [Shape]) throws(ShapeError) -> (channels: Int, height: Int, width: Int) {
    let shape = try single(inputs)
    guard shape.rank == 3 else { throw ShapeError("expected a feature map C×H×W, found \(shape)") }
    return (shape[0], shape[1], shape[2])
  }

  /// The only input's shape, or an error where its last axis does not have so many channels.
  func channelsLast(_ inputs: [Shape], count: Int) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard shape.rank > 0, shape[-1] == count else {
      throw ShapeError("expected \(count) channels along the last axis, found \(shape)")
    }
    return shape
  }
}
