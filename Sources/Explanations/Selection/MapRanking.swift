/// The maps that were compared to choose one, the best first, and what that took.
public struct MapRanking: Sendable {
  /// A map that was compared.
  public struct Map: Sendable {
    /// The method's name.
    public let method: String
    /// The layer, or what the map is of where no layer has it.
    public let layer: String
    /// The share of the map that lies where hiding the picture costs score, less the share where it gains some; weighed
    /// with how much, from −1 to 1. See ``OcclusionProbe``.
    public let agreement: Float
    /// The areas below the short insertion and deletion curves; nil for maps that agree too little to be tried.
    public internal(set) var curves: ShortCurves?
  }

  /// All maps, the best first; those that were tried by insertion and deletion before all others.
  public let maps: [Map]
  /// What choosing took, the shared forward and backward apart.
  public let cost: Cost
}
