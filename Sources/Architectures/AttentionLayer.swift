import Images
import LayerGraph
import Tensors

/// An attention of a model, and between which places of the picture it is.
public struct AttentionLayer: Sendable {
  /// The node whose result the attention maps are: heads × queries × keys, or windows × heads × queries × keys.
  public let node: NodeID
  /// The name of the layer that attends: `blocks.11.attn`.
  public let name: String
  /// The node whose result the block around it gives, `blocks.11`; nil where it has no name.
  public let block: NodeID?
  /// The tokens that it is between.
  public let layout: AttentionLayout
}

/// The tokens of a layer, and which of them an attention map is between.
public struct AttentionLayout: Hashable, Sendable {
  /// What the keys of an attention are.
  public enum Keys: Hashable, Sendable {
    /// The same tokens as the queries.
    case sameTokens
    /// The tokens of the query's own window.
    case windows(WindowGrid)
    /// Fewer tokens, each of which stands for several of the layer's.
    case reduced(GridReduction)
  }

  /// The number of tokens before the patches: class, distillation, registers.
  public let leading: Int
  /// The patches, row by row.
  public let grid: ImageSize
  /// The keys.
  public let keys: Keys

  /// The tokens of a layer and the keys of its attention.
  public init(leading: Int, grid: ImageSize, keys: Keys) {
    self.leading = leading
    self.grid = grid
    self.keys = keys
  }

  /// The number of tokens of the layer.
  public var tokens: Int { leading + grid.count }
}

extension Model {
  /// The model's attentions, in its order; none where a layer attends that the architecture does not describe.
  public var attentionLayers: [AttentionLayer] {
    let layers = graph.attentionNodes.compactMap { node -> AttentionLayer? in
      let name = graph.nodes[node].name.parent
      return attentionLayout(of: node).map {
        AttentionLayer(node: node, name: name, block: graph.names[name.parent], layout: $0)
      }
    }
    return layers.count == graph.attentionNodes.count ? layers : []
  }

  /// The tokens that an attention map is between.
  private func attentionLayout(of node: NodeID) -> AttentionLayout? {
    let shape = graph.nodes[node].shape
    // Scores lie where their queries do; heads and keys are no places.
    guard let queries = places.places(of: node).along(shape.rank == 4 ? [0, 2] : [1]) else { return nil }
    if shape.rank == 4, case .windows(let windows) = FeatureLayout(queries, shape: [shape[0], shape[2], 1]) {
      let grid = ImageSize(height: windows.grid.height, width: windows.grid.width)
      return AttentionLayout(leading: 0, grid: grid, keys: .windows(windows))
    }
    guard shape.rank == 3, case .tokens(let leading, let grid) = FeatureLayout(queries, shape: [shape[1], 1]) else {
      return nil
    }
    if shape[1] == shape[2] { return AttentionLayout(leading: leading, grid: grid, keys: .sameTokens) }
    guard let operand = graph.keys(ofAttention: node),
      let keys = places.places(of: operand.node).along([operand.axis]),
      let reduction = GridReduction(from: queries, to: keys), reduction.coarse.count == shape[2]
    else { return nil }
    return AttentionLayout(leading: leading, grid: grid, keys: .reduced(reduction))
  }
}

extension Model {
  /// The tokens behind an attention that go on to the classifier: the class token, both tokens of a distilled model, or all
  /// patches where the model takes their mean.
  public func tokensRead(behind layer: AttentionLayer) -> [Int] {
    let (leading, tokens) = (layer.layout.leading, layer.layout.tokens)
    guard leading > 0 else { return Array(0..<tokens) }
    var read = Set<Int>()
    var frontier = Set<NodeID>()
    for id in graph.descendants(of: [layer.node]).sorted() where id != layer.node {
      guard !frontier.isDisjoint(with: graph.nodes[id].inputs) else {
        // Heads are joined to tokens again before anything reads them.
        if frontier.isEmpty, graph.nodes[id].shape.rank == 2, graph.nodes[id].shape[0] == tokens { frontier.insert(id) }
        continue
      }
      switch graph.nodes[id].op.tokenFlow {
      case .separate: frontier.insert(id)
      case .only(let range): read.formUnion(range)
      case .mixed: read.formUnion(0..<tokens)
      }
    }
    return read.sorted()
  }
}

extension String {
  /// A layer's name without its last component: `blocks.11` of `blocks.11.attn`.
  fileprivate var parent: String { lastIndex(of: ".").map { String(self[..<$0]) } ?? "" }
}
