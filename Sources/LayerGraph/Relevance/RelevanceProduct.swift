import CKernels
import Tensors

/// A product that plans make, with an ending of its own, which relevance goes back through without taking it apart.
protocol RelevanceProduct: FinishedProduct, RelevanceOp {
  /// The product of |W|, plus |b|, with nothing behind it.
  var magnitudes: Self { get }
}

extension RelevanceProduct {
  /// What goes back to the inputs by a rule; the addend gets what arrives at the sum.
  ///
  /// A product with an ending has a rule that ``ProductRule/suitsPlans``, and no other activation than ReLU: behind that, sums
  /// that it cut off have no relevance, and the others are what it gave.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rule: ProductRule) -> [Tensor] {
    guard rule != .derivative else { return backward(gradient, inputs: inputs, output: output) }
    let gradient = ending.backward(gradient, output: output) { preconditionFailure("no activation but ReLU") }
    let sums = ending.addsInput ? output + inputs[1] * -1 : output
    var plain = self
    plain.ending = ProductEnding()
    let result =
      if case .gamma(let gamma) = rule {
        plain.gammaBackward(gradient, gamma, magnitudes: magnitudes, input: inputs[0], output: sums)
      } else if let plain = plain as? any SumOfProducts {
        rule.backward(plain, gradient, input: inputs[0], output: sums)
      } else {
        preconditionFailure("a plan was made for other rules")
      }
    return [result] + (ending.addsInput ? [gradient] : [])
  }
}

extension Op {
  /// What goes back to the input x of a product z = W x + b by ``ProductRule/gamma(_:)``.
  ///
  /// The products of the sum's sign are half of their sum, without bias, and of the sum of all magnitudes: so one more product
  /// forward, |W| |x|, and one more backward, along |W|, do what products with W⁺ and W⁻ for x⁺ and x⁻ would.
  func gammaBackward(
    _ gradient: Tensor, _ gamma: Float, magnitudes: some Op, input x: Tensor, output z: Tensor
  ) -> Tensor {
    let sums = magnitudes.forward([x.magnitudes()])
    let shares = Tensor.zeros([z.shape, z.shape]) { shares in
      Tensor.withScalars(of: [gradient, z, sums]) { read in
        Workers.current.forEachRange(of: z.count, grain: 1 << 13) { range in
          let first = range.lowerBound
          vitcam_gamma_shares(
            read[0] + first, read[1] + first, read[2] + first, gamma, ProductRule.stabiliser, shares[0] + first,
            shares[1] + first, range.count)
        }
      }
    }
    var result = backward(shares[0], inputs: [x], output: z)[0]
    let signed = magnitudes.backward(shares[1], inputs: [x], output: z)[0]
    Tensor.withScalars(of: [x, signed]) { read in
      result.withMutableScalars { result in
        let result = result.base
        Workers.current.forEachRange(of: x.count, grain: 1 << 13) { range in
          let first = range.lowerBound
          vitcam_add_signed(read[0] + first, read[1] + first, result + first, range.count)
        }
      }
    }
    return result
  }
}
