import LayerGraph

/// The activations that the variants of an architecture choose from.
enum Activation: Sendable {
  case relu
  /// min(max(x, 0), 6).
  case relu6
  /// x σ(x), also called Swish.
  case silu
  /// SiLU in straight pieces.
  case hardSwish
  case sigmoid
  /// The sigmoid in straight pieces.
  case hardSigmoid
  /// x Φ(x), exactly, and its approximation by a hyperbolic tangent.
  case gelu, geluOfTanh
  /// x σ(1.702 x), the approximation that OpenAI's CLIP has.
  case quickGELU

  /// The activation as a layer.
  func callAsFunction(_ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    switch self {
    case .relu: m.relu(name, x)
    case .relu6: m.relu6(name, x)
    case .silu: m.silu(name, x)
    case .hardSwish: m.hardSwish(name, x)
    case .sigmoid: m.sigmoid(name, x)
    case .hardSigmoid: m.hardSigmoid(name, x)
    case .gelu: m.gelu(name, x)
    case .geluOfTanh: m.map(name, x, .geluOfTanh)
    case .quickGELU: m.named(name, x * m.sigmoid("\(name)_gate", x * 1.702))
    }
  }
}
