import Explanations
import Images

/// What is compared, and how.
public struct ComparisonOptions: Sendable {
  /// The models, in the order of the report.
  public var models: [ModelChoice]
  /// The methods' names; `all` stands for all that fit a model.
  public var methods = ["relevance"]
  /// Where maps are cut off before they are scaled, if anywhere.
  public var clipping: Clipping?
  /// Whether maps keep what speaks against the target, see ``Explainer/keepsSigns``.
  public var keepsSigns = false
  /// What is explained, see ``TargetSpecification``. Where empty: the classes of the objects that are marked, else the
  /// highest-scoring class.
  public var targets: [String] = []
  /// What is where in the pictures, where people marked it.
  public var truth: GroundTruth?
  /// A file with a class name per line, for models whose checkpoint names no classes.
  public var labels: String?
  /// The steps of deletion and insertion; 0 leaves them out.
  public var steps = 16
  /// Whether the report says how long things took; without, the same inputs give the same bytes.
  public var showsTimings = true
  /// The colors of the maps.
  public var colorMap = ColorMap.jet
  /// What a model's own preprocessing becomes for a picture.
  public var prepare: @Sendable (Preprocessing, Image) throws -> Preprocessing = { own, _ in own }

  /// A comparison of some models; the rest is customary.
  ///
  /// - Throws: ``UsageError`` where two models are the same.
  public init(models: [ModelChoice]) throws(UsageError) {
    self.models = try ModelChoice.distinct(models)
  }
}
