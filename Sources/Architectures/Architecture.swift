import Checkpoints
import Images
import LayerGraph
import Tensors

/// A model's architecture: one page that reads like the paper's figure, and what an explainer has to know about it.
public protocol Architecture: Sendable {
  /// Writes the model down, from the normalised picture (C×H×W, mostly 3 channels) to the logits.
  func logits(_ m: GraphBuilder, _ picture: Value) -> Value

  /// The layer to explain unless the user names another; nil where nobody measured, see ``Model/recommendedLayer``.
  var recommendedLayer: LayerPath? { get }

  /// Parameters that every variant has under its own names, the weights of the first convolution first: by them it is found in
  /// a checkpoint under any prefix, and the first says how many channels its pictures have.
  static var landmarks: [String] { get }

  /// What other libraries call this architecture's parameters and layers.
  static var dialects: [Dialect] { get }

  /// The same for one variant, where the names depend on its table of layers.
  var dialects: [Dialect] { get }

  /// The same as another library writes it: what differs and no parameter shows, such as the small number in a normalisation.
  func written(in dialect: String) -> any Architecture
}

extension Architecture {
  /// None.
  public var recommendedLayer: LayerPath? { nil }

  /// None: it is looked for without a prefix only, and its pictures have three channels.
  public static var landmarks: [String] { [] }

  /// None.
  public static var dialects: [Dialect] { [] }

  /// Those of all variants.
  public var dialects: [Dialect] { Self.dialects }

  /// The same.
  public func written(in dialect: String) -> any Architecture { self }
}

/// How a layer lays out its features.
public enum FeatureLayout: Hashable, Sendable {
  /// C×H×W.
  case channelsFirst
  /// H×W×C.
  case channelsLast
  /// L×C: tokens that are no patches (class, distillation, registers), then the patches row by row.
  case tokens(leading: Int, grid: ImageSize)
  /// N×L×C: the windows that a map was cut into, each with its tokens row by row.
  case windows(WindowGrid)
  /// Any other order of axes and places.
  case arranged(PlaceArrangement)
}

/// How another library, or a paper's own repository, names the parameters and layers of an architecture.
public struct Dialect: Sendable {
  /// Whose names these are, such as `torchvision`.
  public let name: String
  /// A parameter that only this dialect has.
  let signature: String
  /// From this dialect's names to ours.
  let keys: KeyMap
  /// Layers that `keys` does not name, or not rightly: this dialect's names, and ours.
  let layers: [(name: String, ours: String)]
  /// What it keeps apart and ours joins.
  let joined: [JoinedModules]
  /// Parameters, under our names, that training alone needs.
  let unneeded: [String]
  /// What stands in front of its layers' names, which only checkpoints of this dialect have then; nil where any checkpoint's
  /// layers may be called so.
  let root: String?

  init(
    _ name: String, signature: String, _ keys: KeyMap, layers: [(name: String, ours: String)] = [],
    joined: [JoinedModules] = [], unneeded: [String] = [], root: String? = nil
  ) {
    self.name = name
    self.signature = signature
    self.keys = keys
    self.layers = layers
    self.joined = joined
    self.unneeded = unneeded
    self.root = root
  }
}
