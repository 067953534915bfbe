import Explanations

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
  /// For each picture −log p of the right class, and the class that was found; nil where it could not be read.
  let answers: [(loss: Float, found: Int)?]

  private enum CodingKeys: String, CodingKey {
    case checkpoint, architecture, pictures, accuracy
    case topFive = "accuracy_top5"
    case loss, milliseconds, confusion
  }

  /// Whether it is better than another one: by accuracy, then by loss.
  func isBetter(than other: CheckpointScore) -> Bool {
    accuracy != other.accuracy ? accuracy > other.accuracy : loss < other.loss
  }

  /// The numbers by their names in tables, see ``notes``.
  var measures: [String: Float] {
    var measures = ["accuracy": accuracy, "top 5": topFive, "loss": loss]
    if let milliseconds { measures["ms"] = Float(milliseconds) }
    return measures
  }

  /// What the numbers mean, in the order of tables.
  static let notes = [
    MeasureDescription("accuracy", better: .higher, "share of the pictures whose best class is the right one"),
    MeasureDescription("top 5", better: .higher, "share whose right class is among the best five"),
    MeasureDescription("loss", better: .lower, "mean of −log p of the right class"),
    MeasureDescription("ms", better: .lower, "milliseconds of a forward run, the mean"),
  ].map { MeasureNote($0) }

  /// The columns of `checkpoints.csv`.
  static let columns = ["checkpoint", "architecture", "pictures", "accuracy", "accuracy_top5", "loss", "milliseconds"]

  /// Its row of `checkpoints.csv`.
  var row: [String] {
    [
      checkpoint, architecture, "\(pictures)", "\(accuracy)", "\(topFive)", "\(loss)",
      milliseconds.map { "\($0)" } ?? "",
    ]
  }
}
