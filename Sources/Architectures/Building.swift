import LayerGraph
import Tensors

/// Blocks that several architectures share.
extension GraphBuilder {
  /// The last layer: as many outputs as the checkpoint has. Of a checkpoint without it, as self-supervised models and timm's
  /// `num_classes=0` are, the features themselves are the result, and have the name `embedding`.
  func classifier(_ name: String, _ x: Value) -> Value {
    guard hasParameter("\(name).weight") || hasParameter("\(name).bias") else {
      return named(Model.embeddingName, named(name, x))
    }
    return linear(name, x, outputs: classCount("\(name).weight", features: x.shape[-1]))
  }

  /// The number of classes by the weights of a classifier, or 1000 where these are not a row of features for each class: a
  /// number that no weights stand behind would only make memory for it.
  func classCount(_ weight: String, features: Int) -> Int {
    guard let shape = parameterShape(weight), shape.rank >= 2, shape.count > 0, shape.count == shape[0] * features
    else {
      return 1000
    }
    return shape[0]
  }

  /// One module after the other under the names 0, 1, ...; the container's name means the last one's result.
  func sequence(_ name: String, count: Int, _ x: Value, _ module: (Int, Value) -> Value) -> Value {
    scope(name) {
      (0..<count).reduce(x) { x, index in scope(index) { module(index, x) } }
    }
  }

  /// A value under one more name, see ``GraphBuilder/alias(_:_:)``.
  func named(_ name: String, _ value: Value) -> Value {
    alias(name, value)
    return value
  }

  /// Two linear layers with an activation between: fc1, act, fc2.
  func multilayerPerceptron(_ x: Value, hidden: Int, _ activation: Activation = .gelu) -> Value {
    let h = activation(self, "act", linear("fc1", x, outputs: hidden))
    return linear("fc2", h, outputs: x.shape[-1])
  }

  /// Multi-head self-attention (Vaswani et al. 2017) over L×C: qkv, softmax(q kᵀ / √d) v, proj.
  ///
  /// The attention maps (heads × L × L) are the node `attn_drop`, timm's name for the module that returns them.
  ///
  /// - Parameters:
  ///   - hasBias: whether queries, keys and values have one.
  ///   - scoreBias: what is added to the scores, heads × L × L.
  func selfAttention(_ x: Value, heads: Int, hasBias: Bool = true, scoreBias: Value? = nil) -> Value {
    let (tokens, width) = (x.shape[0], x.shape[1])
    let headWidth = width / heads
    let qkv = linear("qkv", x, outputs: 3 * width, bias: hasBias)
      .reshaped(to: [tokens, 3, heads, headWidth]).permuted(1, 2, 0, 3)
    let (q, k, v) = (qkv.selected(0), qkv.selected(1), qkv.selected(2))
    let scores = matrixProduct("scores", q, k, factor: 1 / Float(headWidth).squareRoot(), transposingRight: true)
    let attention = softmax("attn_drop", scoreBias.map { scores + $0 } ?? scores)
    let mixed = matrixProduct("mixed", attention, v).permuted(1, 0, 2).reshaped(to: [tokens, width])
    return linear("proj", mixed, outputs: width)
  }

  /// Multi-head attention whose keys and values come from other tokens than its queries, as in PVT: q, kv,
  /// softmax(q kᵀ / √d) v, proj. The attention maps are the node `attn_drop`.
  func crossAttention(
    queries x: Value, keysAndValues source: Value, heads: Int, hasBias: Bool = true
  ) -> Value {
    let (tokens, width) = (x.shape[0], x.shape[1])
    let headWidth = width / heads
    let q = linear("q", x, outputs: width, bias: hasBias).reshaped(to: [tokens, heads, headWidth]).permuted(1, 0, 2)
    let kv = linear("kv", source, outputs: 2 * width, bias: hasBias)
      .reshaped(to: [source.shape[0], 2, heads, headWidth]).permuted(1, 2, 0, 3)
    let (k, v) = (kv.selected(0), kv.selected(1))
    let scores = matrixProduct("scores", q, k, factor: 1 / Float(headWidth).squareRoot(), transposingRight: true)
    let attention = softmax("attn_drop", scores)
    let mixed = matrixProduct("mixed", attention, v).permuted(1, 0, 2).reshaped(to: [tokens, width])
    return linear("proj", mixed, outputs: width)
  }
}
