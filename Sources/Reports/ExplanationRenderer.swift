import Architectures
import Explanations
import Images

/// Draws an explanation over its picture: its concepts in a color each where the method found some, else its heatmap.
public struct ExplanationRenderer: Equatable, Sendable {
  /// How heatmaps are drawn.
  public var heatmap: HeatmapRenderer
  /// Whether concepts have a drawing of their own; where not, the heatmap is that of the concept which speaks most for
  /// the target.
  public var drawsConcepts: Bool

  /// A renderer of heatmaps as given, and of concepts.
  public init(_ heatmap: HeatmapRenderer, drawsConcepts: Bool = true) {
    self.heatmap = heatmap
    self.drawsConcepts = drawsConcepts
  }

  /// Draws an explanation. The result is 8-bit RGB.
  ///
  /// - Parameters:
  ///   - model: the model that was explained, for the classes of concepts.
  ///   - picture: the picture, whole or as the network saw it.
  ///   - visible: the part of the picture that the map covers; all of it when left out.
  ///   - window: the sample values of the picture to show as black and as white.
  ///   - caption: a line of text, for drawings that have one.
  public func callAsFunction(
    _ explanation: Explanation, of model: Model, over picture: Image, visible: Rectangle? = nil, window: Window? = nil,
    caption: String = ""
  ) -> Image {
    guard drawsConcepts, let concepts = explanation.concepts else {
      return heatmap(
        explanation.heatmap, isSigned: explanation.isSigned, over: picture, visible: visible, window: window,
        caption: caption)
    }
    return ConceptRenderer(minimumSide: heatmap.minimumSide)(
      concepts.map(\.map), labels: concepts.map { Self.label($0, of: model) }, over: picture, visible: visible,
      window: window, caption: caption)
  }

  /// `31 %: star 0.98, ring 0.01`: a concept's share, and what the model makes of it.
  private static func label(_ concept: Concept, of model: Model) -> String {
    let classes = Prediction.best(2, of: concept.outputs, labels: model.labels, outputs: model.outputs)
    let words = classes.map { "\($0.title) \(($0.probability ?? $0.logit).brief)" }
    return "\(Int((concept.share * 100).rounded())) %: \(words.joined(separator: ", "))"
  }
}
