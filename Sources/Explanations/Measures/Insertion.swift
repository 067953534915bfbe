import Tensors

/// Insertion (Petsiuk, Das, Saenko 2018, RISE): how fast the class is found when the most important pixels are uncovered in
/// a blurred picture. A large area below the curve is good.
///
/// RISE's variant: the probability after softmax; a Gaussian of standard deviation 5 on 11×11 pixels; the trapezoid rule
/// over equal steps, by default as many as the input has columns.
public struct Insertion: Sendable {
  /// See ``MeasureDescription``.
  public static let description = MeasureDescription(
    "insertion", better: .higher,
    "area below the probability while the most important pixels appear in a blurred picture "
      + "(RISE: kernel 11, sigma 5, trapezoid)")

  /// The number of steps; as many as the picture has columns where nil.
  public let steps: Int?
  /// What the picture is blurred with at the start.
  public let blur: GaussianBlur

  /// Insertion in a number of steps.
  public init(steps: Int? = nil, blur: GaussianBlur = .rise) {
    self.steps = steps
    self.blur = blur
  }

  /// The scores from the blurred picture to the whole one.
  ///
  /// - Parameters:
  ///   - heatmap: which pixels come first, H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - scorer: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  public func callAsFunction(_ heatmap: Tensor, input: Tensor, _ scorer: Scorer) throws -> ScoreCurve {
    try ScoreCurve(from: blur(input), to: input, heatmap: heatmap, steps: steps ?? input.shape[-1], scorer)
  }
}
