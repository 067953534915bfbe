import Architectures
import LayerGraph
import Tensors

/// The attentions of a model in a row, and where relevance starts: at the tokens that the classifier reads.
///
/// Relevance is a row vector r over the tokens of a layer. It is passed from the last layer back to the first, so that the
/// product rᵀ · S_L · ⋯ · S_1 of the layers' matrices costs a vector times a matrix for each of them. Between the stages of a
/// pyramid, each token's relevance is divided among the tokens that it was merged from.
struct AttentionFlow: Sendable {
  /// The layers in the model's order; not empty.
  let layers: [AttentionLayer]
  /// For each token of the last layer its share in what the classifier reads; they sum to one.
  let readout: [Float]

  /// The attentions of a model, for a method that reads them.
  ///
  /// - Throws: ``MethodError`` where there are none.
  init(_ model: Model, for method: String) throws(MethodError) {
    layers = model.attentionLayers
    guard let last = layers.last else {
      throw MethodError(
        method,
        "\(model.name) has no attention between tokens that VitCAM understands; take a method of feature maps such as gradcam"
      )
    }
    readout = Self.shares(of: model.tokensRead(behind: last), among: last.layout.tokens)
  }

  /// The nodes whose results the attention maps are.
  var nodes: [NodeID] { layers.map(\.node) }

  /// Where relevance starts at a layer that is looked at alone: as behind the last one, or where its stage has other tokens,
  /// at all patches alike.
  func readout(at layer: AttentionLayout) -> [Float] {
    if layer.tokens == readout.count { return readout }
    return Self.shares(of: Array(layer.leading..<layer.tokens), among: layer.tokens)
  }

  private static func shares(of tokens: [Int], among count: Int) -> [Float] {
    var shares = [Float](repeating: 0, count: count)
    for token in tokens { shares[token] = 1 / Float(tokens.count) }
    return shares
  }

  /// The relevance of the first layer's patches, h×w.
  ///
  /// - Parameter step: what a layer of a number makes of the relevance behind it.
  func relevance(_ step: (_ relevance: [Float], _ layer: Int) -> [Float]) -> Tensor {
    var relevance = readout
    for (number, layer) in layers.enumerated().reversed() {
      let layout = layer.layout
      relevance = step(relevance, number)
      guard number > 0, layers[number - 1].layout.grid != layout.grid else { continue }
      let before = layers[number - 1].layout
      let patches = GridReduction(before.grid, to: layout.grid).spread(Array(relevance[layout.leading...]))
      // Tokens that join at this stage have no place in the one before.
      relevance = [Float](repeating: 0, count: before.leading) + patches
    }
    return Self.map(relevance, layers[0].layout)
  }

  /// The patches' values as a map, h×w.
  static func map(_ tokens: [Float], _ layout: AttentionLayout) -> Tensor {
    Tensor(Array(tokens[layout.leading...]), shape: [layout.grid.height, layout.grid.width])
  }
}

extension Evidence {
  /// The attention maps of a layer for one picture, windows × heads × queries × keys.
  func attention(_ layer: AttentionLayer, picture: Int) -> Tensor {
    Self.stacked(result(of: layer.node)[picture])
  }

  /// The attention maps times the gradient of the score with respect to them, ∇A ⊙ A.
  func weightedAttention(_ layer: AttentionLayer, picture: Int) -> Tensor {
    attention(layer, picture: picture) * Self.stacked(gradient(at: layer.node)[picture])
  }

  /// Heads × queries × keys as one window of them.
  static func stacked(_ maps: Tensor) -> Tensor {
    maps.shape.rank == 3 ? maps.reshaped(to: maps.shape.batched(1)) : maps
  }

  /// One map of attention for each picture, B×h×w.
  func attentionMaps(_ map: (_ picture: Int) throws -> Tensor) rethrows -> MethodMaps {
    let maps = try (0..<pictureCount).map(map)
    return .ofModel(
      Tensor(maps.flatMap(\.scalars), shape: maps[0].shape.batched(maps.count)), source: "attention")
  }
}
