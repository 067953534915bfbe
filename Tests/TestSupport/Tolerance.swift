/// How far two numbers may lie apart: `absolute + relative · the largest expected magnitude`.
public struct Tolerance: Sendable {
  /// What every difference may reach.
  public let absolute: Float
  /// What a difference may reach for each unit of the largest expected magnitude.
  public let relative: Float

  /// Differences up to a fixed bound.
  public static func absolute(_ bound: Float) -> Tolerance { Tolerance(absolute: bound, relative: 0) }

  /// Differences up to a part of the largest expected magnitude.
  public static func relative(_ part: Float) -> Tolerance { Tolerance(absolute: 0, relative: part) }

  /// The same bits, or two zeros.
  public static let exact = Tolerance(absolute: 0, relative: 0)

  /// The bound for values whose largest magnitude is `scale`.
  public func bound(scale: Float) -> Float { absolute + relative * scale }
}

/// How near the reference everything has to come (DESIGN, "Numbers").
public enum Tolerances {
  /// Logits, against the largest absolute logit.
  public static let logits = Tolerance.relative(1e-4)
  /// The mean absolute difference of normalised heatmaps.
  public static let heatmapMean: Float = 1e-3
  /// The largest absolute difference of normalised heatmaps.
  public static let heatmapMaximum: Float = 1e-2
  /// Probabilities.
  public static let probabilities = Tolerance.absolute(1e-3)
  /// An op's values against literals of the same precision.
  public static let values = Tolerance.relative(2e-6)
  /// A float32 gradient against central differences of float32 values.
  public static let finiteDifferences = Tolerance.relative(1e-3)
}
