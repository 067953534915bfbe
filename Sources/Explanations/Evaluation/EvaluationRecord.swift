/// What was measured of one map.
public struct EvaluationRecord: Sendable {
  /// What tells a map from others.
  public struct Key: Hashable, Sendable {
    /// The picture's name.
    public let picture: String
    /// What was explained, with the class by name.
    public let target: String
    /// The method's name.
    public let method: String
    /// The layer, several of which have commas between them.
    public let layer: String
  }

  /// Which map it is.
  public let key: Key
  /// The measures by their names.
  public private(set) var values: [String: Float] = [:]

  /// Nothing is measured yet.
  init(_ explanation: Explanation, picture: String) {
    key = Key(
      picture: picture, target: explanation.title, method: explanation.method,
      layer: explanation.layers.joined(separator: ","))
  }

  mutating func add(_ measure: MeasureDescription, _ value: Float) {
    values[measure.name] = value
  }

  /// Takes over what was measured elsewhere of the same map.
  mutating func add(_ other: EvaluationRecord) {
    values.merge(other.values) { _, new in new }
  }
}

/// The mean measures of a method at a layer.
public struct EvaluationSummary: Sendable {
  /// The method's name.
  public let method: String
  /// The layer, or what the map is of where no layer has it.
  public let layer: String
  /// How many maps were measured.
  public let count: Int
  /// The means by the measures' names, over the maps of which the measure is known.
  public let values: [String: Float]

  /// Whether the method is one that others must beat.
  public var isBaseline: Bool { ExplanationMethods.baselines.contains { type(of: $0).name == method } }
}
