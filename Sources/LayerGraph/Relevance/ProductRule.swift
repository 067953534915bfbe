import Tensors

/// How relevance goes back through a sum of products y = W x + b: which products share it.
public enum ProductRule: Hashable, Sendable {
  /// In proportion to W x, without a stabiliser: the derivative.
  case derivative
  /// In proportion to W x, with so much beside y that small sums do not blow up (Bach et al. 2015, equation 58).
  case epsilon(Float)
  /// Products that have the sign of the sum count for 1 + γ times as much (Montavon et al. 2019, "Layer-wise relevance
  /// propagation: an overview", for inputs ≥ 0; Andéol et al. 2021 for both signs).
  case gamma(Float)

  /// What goes back to the input.
  func backward(_ op: some SumOfProducts, _ gradient: Tensor, input x: Tensor, output z: Tensor) -> Tensor {
    switch self {
    case .derivative:
      return op.inputGradient(gradient, input: x, output: z)
    case .epsilon(let epsilon):
      let stabilised = gradient * z.quotient(by: z, epsilon: epsilon)
      return op.inputGradient(stabilised, input: x, output: z)
    case .gamma(let gamma):
      return gammaBackward(op, gradient, x, z, gamma)
    }
  }

  /// For sums z > 0: the products of x⁺ with w + γw⁺ and of x⁻ with w + γw⁻; for z < 0 the other way round.
  private func gammaBackward(
    _ op: some SumOfProducts, _ gradient: Tensor, _ x: Tensor, _ z: Tensor, _ gamma: Float
  ) -> Tensor {
    let (positive, negative) = (x.relu(), x.negativePart)
    let hasNegative = negative.scalars.contains { $0 < 0 }
    let (raised, lowered) = (op.strengthening(gamma, positive: true), op.strengthening(gamma, positive: false))
    var result = Tensor(repeating: 0, shape: x.shape)
    for sign: Float in [1, -1] {
      let (same, other) = sign > 0 ? (raised, lowered) : (lowered, raised)
      var sums = same.forward([positive])
      if hasNegative { sums += other.withoutBias.forward([negative]) }
      let shares = gradient * z.selected(sign: sign).quotient(by: sums, epsilon: 1e-6)
      let toPositive = same.inputGradient(shares, input: x, output: z)
      guard hasNegative else {
        result += toPositive
        continue
      }
      let toNegative = other.inputGradient(shares, input: x, output: z)
      result += x.combined(with: toPositive) { x, g, r, count in for i in 0..<count { r[i] = x[i] >= 0 ? g[i] : 0 } }
      result += x.combined(with: toNegative) { x, g, r, count in for i in 0..<count { r[i] = x[i] < 0 ? g[i] : 0 } }
    }
    return result
  }
}

/// An op y = W x + b, which ``ProductRule`` takes apart.
protocol SumOfProducts: Op {
  var weight: Tensor { get }
  var bias: Tensor? { get }
  /// The same with other weights.
  func with(weight: Tensor, bias: Tensor?) -> Self
}

extension SumOfProducts {
  /// W + γ W⁺ and b + γ b⁺, or W⁻ and b⁻.
  fileprivate func strengthening(_ gamma: Float, positive: Bool) -> Self {
    func strengthened(_ values: Tensor) -> Tensor {
      let part = positive ? values.relu() : values.negativePart
      return values + part * gamma
    }
    return with(weight: strengthened(weight), bias: bias.map(strengthened))
  }

  fileprivate var withoutBias: Self { with(weight: weight, bias: nil) }

  fileprivate func inputGradient(_ gradient: Tensor, input: Tensor, output: Tensor) -> Tensor {
    backward(gradient, inputs: [input], output: output)[0]
  }
}

extension Tensor {
  /// a / (b + ε sign b), element by element; 1 for 0 / 0 would invent relevance, so that it is 0.
  fileprivate func quotient(by other: Tensor, epsilon: Float) -> Tensor {
    combined(with: other) { a, b, result, count in
      for index in 0..<count { result[index] = a[index] / (b[index] + (b[index] < 0 ? -epsilon : epsilon)) }
    }
  }

  /// What has a sign; 0 elsewhere. 0 counts as positive.
  fileprivate func selected(sign: Float) -> Tensor {
    sign > 0 ? relu() : negativePart
  }

  /// min(x, 0).
  fileprivate var negativePart: Tensor {
    mapped { x, y, count in for index in 0..<count { y[index] = min(x[index], 0) } }
  }
}
