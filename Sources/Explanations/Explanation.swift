import LayerGraph
import Tensors

/// One map: why a model gave one picture its score for one target, by one method.
public struct Explanation: Sendable {
  /// The method's name.
  public let method: String
  /// The layers it looked at, or what it is a map of where no layer has it: `input`, `attention`.
  public let layers: [String]
  /// How their features became maps.
  public let reshape: String
  /// What was explained: `logit 243`.
  public let target: String
  /// What was explained, with the classes by name where the model knows them: `tabby`.
  public let title: String
  /// The class that was explained, where it is about one.
  public let classIndex: Int?
  /// The scalar that was explained.
  public let score: Float
  /// The map of each layer at the layer's own resolution, before ReLU, so that it may be negative: h×w.
  public let rawMaps: [Tensor]
  /// The map at the resolution of the model's input: H×W, from 0 to 1, or from −1 to 1 where it ``isSigned``.
  public let heatmap: Tensor
  /// Whether the heatmap keeps what speaks against the target, below 0. See ``Explainer/keepsSigns``.
  public let isSigned: Bool
  /// What is suspicious about the map.
  public let diagnostics: [Diagnostic]
  /// The concepts of the picture, largest share first, where the method finds them.
  public let concepts: [Concept]?
  /// How much of the score the raw map accounts for; nil where the map is none of relevance, or is of several layers.
  public let completeness: Completeness?
  /// What the map was chosen among, where it was chosen, see ``MapSelection``.
  public internal(set) var ranking: MapRanking?

  /// The heatmap without what speaks against the target, from 0 to 1: what localization and curves are measured by.
  public var supportingHeatmap: Tensor { isSigned ? heatmap.relu() : heatmap }

  /// The same explanation with another heatmap, under another method's name.
  func replacing(method: String, heatmap: Tensor) -> Explanation {
    Explanation(
      method: method, layers: layers, reshape: reshape, target: target, title: title, classIndex: classIndex,
      score: score, rawMaps: rawMaps, heatmap: heatmap, isSigned: isSigned, diagnostics: diagnostics,
      concepts: concepts, completeness: completeness)
  }
}

/// How long the parts of an explanation took.
public struct Timings: Sendable {
  /// The run of the model.
  public var forward = Duration.zero
  /// The gradients, for all targets.
  public var backward = Duration.zero
  /// The maps, for all targets and methods.
  public var map = Duration.zero

  /// Nothing took any time yet.
  public init() {}
}

/// The explanations of a batch of pictures.
public struct ExplanationBatch: Sendable {
  /// The model's outputs: B×classes.
  public let logits: Tensor
  /// For each picture one explanation for each target and method, methods innermost.
  public let explanations: [[Explanation]]
  /// How long it took.
  public let timings: Timings
}
