import Tensors

/// Deletion (Petsiuk, Das, Saenko 2018, RISE, algorithm 1): how fast the class is lost when the most important pixels are
/// taken away. A small area below the curve is good.
///
/// RISE's variant: the probability after softmax; a pixel becomes 0 in the normalised input, which is the mean color; the
/// trapezoid rule over equal steps, by default as many as the input has columns.
public struct Deletion: Sendable {
  /// See ``MeasureDescription``.
  public static let description = MeasureDescription(
    "deletion", better: .lower,
    "area below the probability while the most important pixels become 0 in the normalised input (RISE, trapezoid)")

  /// The number of steps; as many as the picture has columns where nil.
  public let steps: Int?

  /// Deletion in a number of steps.
  public init(steps: Int? = nil) {
    self.steps = steps
  }

  /// The scores from the whole picture to the empty one.
  ///
  /// - Parameters:
  ///   - heatmap: which pixels go first, H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - scorer: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  public func callAsFunction(_ heatmap: Tensor, input: Tensor, _ scorer: Scorer) throws -> ScoreCurve {
    let empty = Tensor(repeating: 0, shape: input.shape)
    return try ScoreCurve(from: input, to: empty, heatmap: heatmap, steps: steps ?? input.shape[-1], scorer)
  }
}
