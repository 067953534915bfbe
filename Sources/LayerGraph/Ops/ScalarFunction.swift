import Foundation
import Tensors

/// A function of each scalar by itself that has no op of its own: what exported models are put together from.
public enum ScalarFunction: Hashable, Sendable {
  case hyperbolicTangent, errorFunction, exponential, logarithm, sine, cosine, magnitude, softplus, mish
  /// x Φ(x), with tanh in the place of the exact Φ (Hendrycks and Gimpel 2016, section 2).
  case geluOfTanh
  /// xᵖ.
  case power(Float)
  /// Not below one bound nor above another.
  case clamp(Float, Float)
  /// x above 0, and a slope times x below.
  case leakyReLU(Float)
  /// x above 0, and α (eˣ − 1) below.
  case elu(Float)
  /// A slope times x and an offset, not below 0 nor above 1.
  case hardSigmoid(slope: Float, offset: Float)

  /// f(x).
  public func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .hyperbolicTangent: tanh(x)
    case .errorFunction: erf(x)
    case .exponential: exp(x)
    case .logarithm: log(x)
    case .sine: sin(x)
    case .cosine: cos(x)
    case .magnitude: abs(x)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .mish: x * tanh(Self.softplus(x))
    case .geluOfTanh: x * 0.5 * (1 + tanh(Self.inner(x)))
    case .power(let exponent): Self.power(x, exponent)
    case .clamp(let low, let high): x < low ? low : x > high ? high : x
    case .leakyReLU(let slope): x > 0 ? x : slope * x
    case .elu(let alpha): x > 0 ? x : alpha * expm1(x)
    case .hardSigmoid(let slope, let offset): min(max(slope * x + offset, 0), 1)
    }
  }

  /// f′(x), given y = f(x).
  func derivative(_ x: Float, _ y: Float) -> Float {
    switch self {
    case .hyperbolicTangent: return 1 - y * y
    case .errorFunction: return 2 / Float.pi.squareRoot() * exp(-x * x)
    case .exponential: return y
    case .logarithm: return 1 / x
    case .sine: return cos(x)
    case .cosine: return -sin(x)
    case .magnitude: return x > 0 ? 1 : x < 0 ? -1 : 0
    case .softplus: return 1 / (1 + exp(-x))
    case .mish:
      let t = tanh(Self.softplus(x))
      return t + x * (1 - t * t) / (1 + exp(-x))
    case .geluOfTanh:
      let t = tanh(Self.inner(x))
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * Self.slope * (1 + 3 * Self.cubic * x * x)
    case .power(let exponent): return exponent == 0 ? 0 : exponent * Self.power(x, exponent - 1)
    case .clamp(let low, let high): return x < low || x > high ? 0 : 1
    case .leakyReLU(let slope): return x > 0 ? 1 : slope
    case .elu(let alpha): return x > 0 ? 1 : y + alpha
    case .hardSigmoid(let slope, let offset):
      let inside = slope * x + offset
      return inside > 0 && inside < 1 ? slope : 0
    }
  }

  /// Whether it is x times a gate between 0 and about 1, as activations are.
  var isGated: Bool {
    switch self {
    case .mish, .geluOfTanh, .leakyReLU, .elu: true
    default: false
    }
  }

  private static let slope = (2 / Float.pi).squareRoot()
  private static let cubic: Float = 0.044715
  private static func inner(_ x: Float) -> Float { slope * (x + cubic * x * x * x) }
  private static func softplus(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }

  /// The powers that models have are mostly cheap ones.
  private static func power(_ x: Float, _ exponent: Float) -> Float {
    switch exponent {
    case 0: 1
    case 1: x
    case 2: x * x
    case 3: x * x * x
    case 0.5: x.squareRoot()
    case -0.5: 1 / x.squareRoot()
    case -1: 1 / x
    default: pow(x, exponent)
    }
  }
}

/// y = f(x), scalar by scalar.
struct ScalarMap: Op {
  let function: ScalarFunction

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    try single(inputs)
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].mapped { x, y, count in
      for index in 0..<count { y[index] = function(x[index]) }
    }
  }

  /// ∂x = ∂y f′(x).
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let slopes = inputs[0].combined(with: output) { x, y, slope, count in
      for index in 0..<count { slope[index] = function.derivative(x[index], y[index]) }
    }
    return [gradient * slopes]
  }
}

extension ScalarMap: RelevanceOp {
  /// That of ``GatedActivation`` where it is one, else the derivative.
  func relevance(_ gradient: Tensor, inputs: [Tensor], output: Tensor, rules: RelevanceRules) -> [Tensor] {
    guard function.isGated, rules.gatesAreConstant else {
      return backward(gradient, inputs: inputs, output: output)
    }
    return [gradient * GELU.gates(inputs[0], output)]
  }
}

extension GraphBuilder {
  /// A function of each scalar.
  public func map(_ name: String, _ x: Value, _ function: ScalarFunction) -> Value {
    append(name, ScalarMap(function: function), [x])
  }
}
