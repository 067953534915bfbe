/// How well a checkpoint does on labelled pictures.
public struct CheckpointScore: Encodable, Sendable {
  /// The checkpoint's path.
  public let checkpoint: String
  /// The model that it holds.
  public let architecture: String
  /// How many pictures were classified.
  public let pictures: Int
  /// The share of them whose best class is the right one.
  public let accuracy: Float
  /// The share of them whose right class is among the best five.
  public let topFive: Float
  /// The mean of −log p of the right class.
  public let loss: Float
  /// The mean time of a forward run; nil where times are left out.
  public let milliseconds: Double?
  /// For each right class (row) how often each class (column) was found; empty for many classes.
  public let confusion: [[Int]]
  /// For each picture −log p of the right class, and the class that was found.
  let pictureLosses: [(loss: Float, found: Int)?]

  private enum CodingKeys: String, CodingKey {
    case checkpoint, architecture, pictures, accuracy
    case topFive = "accuracy_top5"
    case loss, milliseconds, confusion
  }

  /// Whether it is better than another one: by accuracy, then by loss.
  func isBetter(than other: CheckpointScore) -> Bool {
    accuracy != other.accuracy ? accuracy > other.accuracy : loss < other.loss
  }
}
