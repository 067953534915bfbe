import Images

/// What a sweep found: what its `report.json` holds and its page shows.
public struct SweepResults: Encodable, Sendable {
  /// The checkpoints that could be tried, in their order.
  public private(set) var checkpoints: [CheckpointScore] = []
  /// The one of the highest accuracy, of several the one of the lowest loss, of several the first.
  public private(set) var best: CheckpointScore?
  /// The names of the best one's classes.
  public internal(set) var classes: [String] = []
  /// The pictures that were explained by the best one, the highest loss first.
  public internal(set) var explained: [SweptPicture] = []
  /// What could not be read, in a line each.
  public internal(set) var failures: [String] = []

  private enum CodingKeys: String, CodingKey {
    case checkpoints, best, classes, explained, failures
  }

  /// Adds a checkpoint that was tried.
  mutating func add(_ score: CheckpointScore) {
    checkpoints.append(score)
    if best.map({ score.isBetter(than: $0) }) ?? true { best = score }
  }

  /// The numbers of all checkpoints, with the path of the best one.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(checkpoints, forKey: .checkpoints)
    try container.encode(best?.checkpoint, forKey: .best)
    try container.encode(classes, forKey: .classes)
    try container.encode(explained, forKey: .explained)
    try container.encode(failures, forKey: .failures)
  }
}

/// A picture that the best checkpoint of a sweep explains.
public struct SweptPicture: Encodable, Sendable {
  /// Its path.
  public let picture: String
  /// What it shows.
  public let label: String
  /// The class of that label.
  public let right: Int
  /// The class that was found.
  public let found: Int
  /// −log p of the right class.
  public let loss: Float
  /// Why the found class, and why the right one where that is another.
  public let maps: [ComparedMap]
  /// Its size.
  let size: ImageSize
  /// The picture as the page shows it.
  let view: Image

  private enum CodingKeys: String, CodingKey {
    case picture, label, right, found, loss, maps
  }
}
