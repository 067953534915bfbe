/// What a number of an evaluation means: several measures of explanations exist in variants that differ by more than
/// rounding, so that a number without its variant cannot be compared.
public struct MeasureDescription: Sendable, Hashable {
  /// A short name for tables and programs: `deletion`.
  public let name: String
  /// Which variant it is and where it comes from, in one line.
  public let variant: String
  /// Which numbers are good ones.
  public let better: Direction

  /// Which numbers of a measure are good ones.
  public enum Direction: String, Sendable {
    /// Larger numbers.
    case higher
    /// Smaller numbers.
    case lower
  }

  /// A measure's name and variant.
  public init(_ name: String, better: Direction, _ variant: String) {
    self.name = name
    self.better = better
    self.variant = variant
  }
}
