import Tensors

/// What a product does with its sums before they leave the cache: adds its last input, applies an activation.
struct ProductEnding: Sendable {
  /// Whether the op's last input is added to the sums.
  var addsInput = false
  /// What is applied then.
  var activation: (any Pointwise)?

  var finish: RowProduct.Finish { activation?.finish ?? .none }

  /// Applies the activation to some results.
  func finish(_ results: UnsafeMutablePointer<Float>, count: Int) {
    finish.apply(to: results, count: count)
  }

  /// The gradient of the sums, given that of the result. `sums` recomputes them for an activation whose derivative needs
  /// them; plans avoid that.
  func backward(_ gradient: Tensor, output: Tensor, sums: () -> Tensor) -> Tensor {
    guard let activation else { return gradient }
    let inputs = [activation.derivativeReadsInput ? sums() : output]
    return activation.backward(gradient, inputs: inputs, output: output)[0]
  }
}

/// An op that can finish what it computes itself.
protocol FinishedProduct: Op {
  var ending: ProductEnding { get set }
  /// Whether it can add an input to its sums.
  var takesAddend: Bool { get }
}

extension FinishedProduct {
  var takesAddend: Bool { true }
}
