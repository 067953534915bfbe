/// Measures that are computed together, as `vitcam evaluate --measure` names them.
public enum MeasureGroup: String, CaseIterable, Sendable {
  /// Deletion and insertion.
  case curves
  /// ROAD.
  case road
  /// Average drop, increase in confidence, and ADCC with its parts.
  case confidence
  /// Pointing game, energy, relevance rank and box, where objects are marked.
  case localization
  /// Time, memory and runs of the model.
  case cost
  /// Parameter randomisation.
  case sanity

  /// The measures of the group.
  public var measures: [MeasureDescription] {
    switch self {
    case .curves: [Insertion.description, Deletion.description]
    case .road: [ROAD.combined, ROAD.mostRelevantFirst, ROAD.leastRelevantFirst]
    case .confidence:
      [ADCC.description, ADCC.coherency, ADCC.complexity, ConfidenceChange.drop, ConfidenceChange.increase]
    case .localization:
      [
        PointingGame.inside, PointingGame.near, MaskEnergy.description, RelevanceRank.description,
        BoxOverlap.description,
      ]
    case .cost: [Cost.time, Cost.memory, Cost.forward, Cost.tail, Cost.backward]
    case .sanity: [ParameterRandomization.spearman, ParameterRandomization.similarity]
    }
  }
}
