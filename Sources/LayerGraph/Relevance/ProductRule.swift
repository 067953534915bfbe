import Tensors

/// How relevance goes back through a sum of products z = W x + b: which products share it, and in what proportion.
///
/// What goes back is written as a gradient, so that x times it is the relevance of x. Biases keep their share.
public enum ProductRule: Hashable, Sendable {
  /// In proportion to the products: the derivative (LRP-0; Bach et al. 2015, equation 56).
  case derivative
  /// In proportion to the products, with so much beside the sum that small ones do not blow up (equation 58 there).
  case epsilon(Float)
  /// Products that have the sign of the sum count for 1 + γ times as much (Montavon et al. 2019, "Layer-wise relevance
  /// propagation: an overview", for inputs ≥ 0; Andéol et al. 2021 for both signs).
  case gamma(Float)
  /// α times in proportion to the positive products and −β times in proportion to the negative ones, with α − β = 1 (Bach et
  /// al. 2015, equation 60).
  case alphaBeta(Float, Float)
  /// All inputs of a sum alike (Lapuschkin et al. 2019, "Unmasking Clever Hans predictors", supplementary note 5).
  case flat
  /// For inputs that lie between two bounds in each channel, as pixels do: in proportion to products with what an input has
  /// over its bound (Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition",
  /// equation 15).
  case box(low: [Float], high: [Float])

  /// In proportion to the positive products only.
  public static let zPlus = ProductRule.alphaBeta(1, 0)

  /// What is beside sums that relevance is divided by, in rules that do not choose it.
  static let stabiliser: Float = 1e-6

  /// Whether products that plans make follow it, without being taken apart.
  var suitsPlans: Bool {
    switch self {
    case .derivative, .gamma: true
    case .epsilon, .alphaBeta, .flat, .box: false
    }
  }

  /// What goes back to the input.
  func backward(_ op: some SumOfProducts, _ gradient: Tensor, input x: Tensor, output z: Tensor) -> Tensor {
    let relevance = gradient * z
    switch self {
    case .derivative:
      return op.inputGradient(gradient, input: x)
    case .epsilon(let epsilon):
      return op.inputGradient(relevance.divided(by: z, stabiliser: epsilon), input: x)
    case .gamma(let gamma):
      return op.gammaBackward(gradient, gamma, magnitudes: op.magnitudes, input: x, output: z)
    case .alphaBeta(let alpha, let beta):
      let (positive, negative) = (op.with(\.positivePart), op.with(\.negativePart))
      let supporting = SignedProducts(positive: positive, negative: negative).backward(relevance * alpha, input: x)
      guard beta != 0 else { return supporting }
      return supporting
        + SignedProducts(positive: negative, negative: positive).backward(relevance * -beta, input: x)
    case .flat:
      let ones = op.with { Tensor(repeating: 1, shape: $0.shape) }.withoutBias
      let counts = ones.forward([Tensor(repeating: 1, shape: x.shape)])
      let shares = relevance.divided(by: counts, stabiliser: Self.stabiliser)
      return ones.inputGradient(shares, input: x).divided(by: x, stabiliser: 0)
    case .box(let low, let high):
      let (positive, negative) = (op.with(\.positivePart).withoutBias, op.with(\.negativePart).withoutBias)
      let (lowest, highest) = (x.filled(channels: low), x.filled(channels: high))
      let bounds = positive.forward([lowest]) + negative.forward([highest])
      let shares = relevance.divided(by: op.withoutBias.forward([x]) + bounds * -1, stabiliser: Self.stabiliser)
      let ofBounds =
        lowest * positive.inputGradient(shares, input: x) + highest * negative.inputGradient(shares, input: x)
      return op.inputGradient(shares, input: x) + ofBounds.divided(by: x, stabiliser: 0) * -1
    }
  }
}

/// Sums in which positive inputs meet other weights than negative ones; the bias is that of the former.
private struct SignedProducts<Product: SumOfProducts> {
  let positive: Product
  let negative: Product

  /// Relevance of the sums, shared in proportion to the products.
  func backward(_ relevance: Tensor, input x: Tensor) -> Tensor {
    let (above, below) = (x.positivePart, x.negativePart)
    guard x.hasNegative else {
      let shares = relevance.divided(by: positive.forward([above]), stabiliser: ProductRule.stabiliser)
      return positive.inputGradient(shares, input: x)
    }
    let sums = positive.forward([above]) + negative.withoutBias.forward([below])
    let shares = relevance.divided(by: sums, stabiliser: ProductRule.stabiliser)
    return positive.inputGradient(shares, input: x).where(x, isPositive: true)
      + negative.inputGradient(shares, input: x).where(x, isPositive: false)
  }
}

/// An op z = W x + b, which ``ProductRule`` takes apart.
protocol SumOfProducts: Op {
  var weight: Tensor { get }
  var bias: Tensor? { get }
  /// The same with |W| and |b|.
  var magnitudes: Self { get }
  /// The same with other weights.
  func with(weight: Tensor, bias: Tensor?) -> Self
}

extension SumOfProducts {
  /// The same with changed weights and biases.
  fileprivate func with(_ change: (Tensor) -> Tensor) -> Self {
    with(weight: change(weight), bias: bias.map(change))
  }

  fileprivate var withoutBias: Self { with(weight: weight, bias: nil) }

  /// Wᵀ g; the derivative reads no output.
  fileprivate func inputGradient(_ gradient: Tensor, input: Tensor) -> Tensor {
    backward(gradient, inputs: [input], output: gradient)[0]
  }
}

extension Tensor {
  fileprivate var positivePart: Tensor { relu() }

  fileprivate var negativePart: Tensor {
    mapped { x, y, count in for index in 0..<count { y[index] = min(x[index], 0) } }
  }

  fileprivate var hasNegative: Bool { withScalars { $0.contains { $0 < 0 } } }

  /// a / (b ± stabiliser), with the sign of b; 0 where that is a division by 0.
  fileprivate func divided(by other: Tensor, stabiliser: Float) -> Tensor {
    combined(with: other) { a, b, result, count in
      for index in 0..<count {
        let divisor = b[index] + (b[index] < 0 ? -stabiliser : stabiliser)
        result[index] = divisor == 0 ? 0 : a[index] / divisor
      }
    }
  }

  /// What stands where another tensor is positive or 0, or where it is negative; 0 elsewhere.
  fileprivate func `where`(_ other: Tensor, isPositive: Bool) -> Tensor {
    combined(with: other) { x, sign, result, count in
      for index in 0..<count { result[index] = (sign[index] >= 0) == isPositive ? x[index] : 0 }
    }
  }

  /// A batch of this shape, B×C×…, with one value for each channel, or with the only one for all.
  fileprivate func filled(channels: [Float]) -> Tensor {
    let size = shape.extents.dropFirst(2).reduce(1, *)
    return Tensor(unfilled: shape) { result in
      for plane in 0..<result.count / max(1, size) {
        for index in plane * size..<(plane + 1) * size { result[index] = channels[plane % channels.count] }
      }
    }
  }
}
