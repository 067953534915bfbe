import Images

/// How checkpoints are tried.
public struct SweepOptions: Sendable {
  /// The model; read from each checkpoint where nil.
  public var architecture: String?
  /// The size of the input, where it is not the architecture's own.
  public var imageSize: ImageSize?
  /// A file with class names, see `Labels`, for checkpoints that name no classes.
  public var labels: String?
  /// The layers to look at; the recommended one where empty.
  public var layers: [String] = []
  /// How their features become maps.
  public var reshape = "auto"
  /// The methods that explain pictures by the best checkpoint; `all` stands for all that fit.
  public var methods = [String]()
  /// The pictures that are explained, by path or by the name of the file; where empty, the ``worst`` ones.
  public var chosen: [String] = []
  /// How many pictures are explained: those of the highest loss.
  public var worst = 6
  /// Whether the report says how long things took.
  public var showsTimings = true
  /// The colors of the maps.
  public var colorMap = ColorMap.jet
  /// What a model's own preprocessing becomes for a picture.
  public var prepare: @Sendable (Preprocessing, Image) throws -> Preprocessing = { own, _ in own }

  /// What is customary.
  public init() {}
}
