import Tensors

/// ADCC (Poppi, Cornia, Baraldi, Cucchiara 2021): the harmonic mean of three wishes to a map: that it does not change when
/// the picture is seen through it (coherency), that it is small (complexity), and that the class survives (average drop).
public struct ADCC: Sendable {
  /// The harmonic mean.
  public static let description = MeasureDescription(
    "adcc", better: .higher, "3 / (1/coherency + 1/(1 − complexity) + 1/(1 − drop)) (Poppi et al. 2021)")
  /// Whether the map stays what it is.
  public static let coherency = MeasureDescription(
    "coherency", better: .higher,
    "(1 + Pearson's correlation) / 2 of the map and the one of the normalised input times the map (Poppi et al. 2021)")
  /// How much of the picture it covers.
  public static let complexity = MeasureDescription("complexity", better: .lower, "mean of the map (Poppi et al. 2021)")

  /// Whether the map stays what it is when the picture is seen through it, from 0 to 1.
  public let coherency: Float
  /// How much of the picture the map covers: its mean, from 0 to 1.
  public let complexity: Float
  /// How the score changes when the picture is seen through the map.
  public let change: ConfidenceChange

  /// Measures a map.
  ///
  /// - Parameters:
  ///   - heatmap: from 0 to 1, H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - scorer: what is asked of which model.
  ///   - explain: the heatmap of the same method and target for another input, 1×3×H×W.
  /// - Throws: `RunError`, ``TargetError``, what `explain` throws.
  public init(
    _ heatmap: Tensor, input: Tensor, _ scorer: Scorer, explain: (_ input: Tensor) throws -> Tensor
  ) throws {
    try self.init(
      heatmap, again: explain(input.masked(by: heatmap)), change: ConfidenceChange(heatmap, input: input, scorer))
  }

  /// The measure of a map, the one of the input times that map, and what that does to the score.
  public init(_ heatmap: Tensor, again: Tensor, change: ConfidenceChange) {
    coherency = (1 + Correlation.pearson(heatmap.scalars, again.scalars)) / 2
    complexity = heatmap.withScalars { $0.reduce(0) { $0 + abs($1) } } / Float(heatmap.count)
    self.change = change
  }

  /// The harmonic mean; 0 where one of the three is.
  public var value: Float {
    let parts = [coherency, 1 - complexity, 1 - change.drop]
    guard parts.allSatisfy({ $0 > 0 }) else { return 0 }
    return 3 / parts.reduce(0) { $0 + 1 / $1 }
  }
}
