import LayerGraph

/// What stands behind a trunk, in order, as `--classifier` has it: `linear relu dropout linear`. A state dictionary has weights only,
/// and cannot say which activation is between them.
public struct HeadSpecification: Hashable, Sendable {
  /// A layer of it.
  enum Layer: Hashable, Sendable {
    /// A layer with weights.
    case weighted(HeadModule.Kind)
    /// An activation, by its name.
    case activation(String)
  }

  /// The layers that compute something, in order.
  let layers: [Layer]

  private static let weighted: [String: HeadModule.Kind] = [
    "linear": .linear, "batchnorm": .batchNorm, "layernorm": .layerNorm,
  ]
  /// Layers that do nothing when a model is used.
  private static let idle: Set<String> = ["dropout", "identity", "flatten"]
  private static let activations: [String: @Sendable (GraphBuilder, String, Value) -> Value] = [
    "relu": { $0.relu($1, $2) }, "relu6": { $0.relu6($1, $2) }, "gelu": { $0.gelu($1, $2) },
    "silu": { $0.silu($1, $2) }, "hardswish": { $0.hardSwish($1, $2) }, "sigmoid": { $0.sigmoid($1, $2) },
    "softmax": { $0.softmax($1, $2) }, "tanh": { $0.map($1, $2, .hyperbolicTangent) },
    "mish": { $0.map($1, $2, .mish) }, "elu": { $0.map($1, $2, .elu(1)) },
    "leakyrelu": { $0.map($1, $2, .leakyReLU(0.01)) },
  ]

  /// From names of layers with spaces or commas between them.
  ///
  /// - Throws: ``WeightsError`` for a name that stands for no layer.
  public init(parsing text: String) throws(WeightsError) {
    var layers: [Layer] = []
    for name in text.lowercased().split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) {
      if let kind = Self.weighted[name] {
        layers.append(.weighted(kind))
      } else if Self.activations[name] != nil {
        layers.append(.activation(name))
      } else if !Self.idle.contains(name) {
        let known = Self.weighted.keys.sorted() + Self.activations.keys.sorted() + Self.idle.sorted()
        throw WeightsError("--classifier: no layer '\(name)'; there are \(known.joined(separator: ", "))")
      }
    }
    self.layers = layers
  }

  /// An activation as a layer.
  static func activation(_ activation: String, _ m: GraphBuilder, _ name: String, _ x: Value) -> Value {
    activations[activation]?(m, name, x) ?? x
  }
}
