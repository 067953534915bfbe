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

extension RowProduct {
  /// The product as a tensor of a shape whose last axis are the columns, `addend` being of the same shape.
  func callAsFunction(_ rows: some RowSource, addend: Tensor?, shape: Shape) -> Tensor {
    let count = shape.extents.dropLast().reduce(1, *)
    return Tensor(unfilled: shape) { y in
      if let addend {
        addend.withScalars { self(rows, rows: count, addend: $0.base, into: y.base) }
      } else {
        self(rows, rows: count, into: y.base)
      }
    }
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
