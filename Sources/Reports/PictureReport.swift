import Architectures
import Explanations
import Images

/// What is told of a picture, for programs: what the command's `--json` prints.
public struct PictureReport: Encodable, Sendable {
  /// A class that the model believes in.
  public struct Class: Codable, Sendable {
    /// Its number.
    public let index: Int
    /// Its name, where it is known.
    public let label: String?
    /// Its score.
    public let logit: Float
    /// Its probability; nil for a single output that is none, and for scores of places or boxes.
    public let probability: Float?
    /// Of a segmentation: the share of the picture where it wins.
    public let area: Float?
  }

  /// What a map explains.
  public struct Target: Codable, Sendable {
    /// The class that it is about, where it is about one.
    public let index: Int?
    /// That class's name.
    public let label: String?
    /// The scalar that was explained.
    public let score: Float
    /// That class's probability.
    public let probability: Float?
  }

  /// A map.
  public struct Map: Codable, Sendable {
    /// The method's name.
    public let method: String
    /// The layers, with commas between them.
    public let layer: String
    /// The map's rows and columns at the layer.
    public let grid: [Int]
    /// How features became a map.
    public let reshape: String
    /// What it explains.
    public let target: Target
    /// Whether the heatmap is from −1 to 1.
    public let signed: Bool
    /// How much of the score the map accounts for; nil where its method does not say.
    public let completeness: Completeness?
    /// What is suspicious: `name: what was found and what to try`.
    public let diagnostics: [String]
    /// The files that show it.
    public let files: [String]
    /// The concepts that the method found; nil where it finds none.
    public let concepts: [Concept]?
    /// What the map was chosen among; nil where it was not chosen.
    public let ranking: Ranking?
  }

  /// How much of what relevance starts from arrives in the map.
  public struct Completeness: Codable, Sendable {
    /// What relevance starts from: of a class its logit.
    public let start: Float
    /// The map's sum, before it is smoothed.
    public let sum: Float
    /// What biases and stabilisers took.
    public let taken: Float
  }

  /// The maps that were compared to choose one.
  public struct Ranking: Codable, Sendable {
    /// A map that was compared, see `MapRanking.Map`.
    public struct Map: Codable, Sendable {
      let method, layer: String
      let agreement: Float
      let insertion, deletion: Float?
    }

    /// The best first.
    let maps: [Map]
    /// The runs of the model that choosing took.
    let runs: Int
    /// The time that it took.
    let milliseconds: Double
  }

  /// A concept: a part of the picture whose features are alike.
  public struct Concept: Codable, Sendable {
    /// Its share of the features.
    public let share: Float
    /// What the model answers when every place looks like it.
    public let predictions: [Class]
  }

  /// What the picture went through before it reached the model.
  public struct Preparation: Encodable, Sendable {
    /// Which published weights it is that of, where the user named some.
    let source: String?
    /// Of red, green and blue, on the scale of 0...1.
    let mean, std: [Float]
    /// `crop` or `squash`.
    let resize: String
    /// With `crop`, the share of the shorter side that is kept.
    let cropPct: Double?
    let interpolation: String
    /// The samples that became black and white; nil for all that the picture's depth allows.
    let window: [Double]?

    private enum CodingKeys: String, CodingKey {
      case source, mean, std, resize
      case cropPct = "crop_pct"
      case interpolation, window
    }
  }

  /// How long the parts of the work took.
  public struct Milliseconds: Encodable, Sendable {
    let load, decode, forward, backward, map, write: Double

    /// The times of one picture.
    public init(loading: Duration, decoding: Duration, _ timings: Timings, writing: Duration) {
      load = loading.milliseconds
      decode = decoding.milliseconds
      forward = timings.forward.milliseconds
      backward = timings.backward.milliseconds
      map = timings.map.milliseconds
      write = writing.milliseconds
    }
  }

  private let picture: String
  private let architecture: String
  private let weights: String
  private let imageSize: [Int]
  private let preprocessing: Preparation?
  private let predictions: [Class]
  private let explanations: [Map]
  private let milliseconds: Milliseconds

  private enum CodingKeys: String, CodingKey {
    case picture, architecture, weights
    case imageSize = "image_size"
    case preprocessing, predictions, explanations, milliseconds
  }

  /// The report of one picture.
  ///
  /// - Parameters:
  ///   - picture: its path.
  ///   - weights: the path of the model's weights.
  ///   - preprocessing: what it went through; nil for an array that was prepared elsewhere.
  public init(
    picture: String, model: Model, weights: String, preprocessing: Preprocessing?, predictions: [Class],
    explanations: [Map], milliseconds: Milliseconds
  ) {
    self.picture = picture
    architecture = model.name
    self.weights = weights
    imageSize = [model.imageSize.height, model.imageSize.width]
    self.preprocessing = preprocessing.map { Preparation($0, source: model.preprocessingSource) }
    self.predictions = predictions
    self.explanations = explanations
    self.milliseconds = milliseconds
  }
}

extension PictureReport.Preparation {
  /// A preprocessing as it is reported.
  init(_ preprocessing: Preprocessing, source: String?) {
    self.source = source
    mean = preprocessing.mean
    std = preprocessing.standardDeviation
    (resize, cropPct) =
      switch preprocessing.fit {
      case .squash: ("squash", nil)
      case .crop(let fraction): ("crop", fraction)
      }
    interpolation = preprocessing.interpolation.rawValue
    window = preprocessing.window.map { [$0.low, $0.high] }
  }
}

extension PictureReport.Class {
  /// A prediction as it is reported.
  public init(_ prediction: Prediction) {
    index = prediction.index
    label = prediction.label
    logit = prediction.logit
    probability = prediction.probability
    area = prediction.area
  }

  // Written by hand, because what the compiler derives leaves out a key whose value is nil; programs want `null`.
  /// All keys, with `null` for what is not known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encode(logit, forKey: .logit)
    try container.encode(probability, forKey: .probability)
    try container.encodeIfPresent(area, forKey: .area)
  }
}

extension PictureReport.Target {
  /// All keys, with `null` for what is not known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encode(score, forKey: .score)
    try container.encode(probability, forKey: .probability)
  }
}

extension PictureReport.Map {
  /// A map as it is reported.
  ///
  /// - Parameters:
  ///   - probabilities: of all classes, see ``Prediction/probabilities(of:outputs:)``.
  ///   - model: the model that was explained.
  ///   - files: the files that show it.
  public init(_ explanation: Explanation, probabilities: [Float]?, model: Model, files: [String]) {
    let index = explanation.classIndex
    method = explanation.method
    layer = explanation.layers.joined(separator: ",")
    grid = explanation.rawMaps[0].shape.extents
    reshape = explanation.reshape
    target = .init(
      index: index, label: index.flatMap { model.labels?[$0] }, score: explanation.score,
      probability: index.flatMap { probabilities?[$0] })
    diagnostics = explanation.diagnostics.map { "\($0.name): \($0)" }
    self.files = files
    signed = explanation.isSigned
    completeness = explanation.completeness.map { .init(start: $0.start, sum: $0.sum, taken: $0.taken) }
    ranking = explanation.ranking.map { ranking in
      .init(
        maps: ranking.maps.map {
          .init(
            method: $0.method, layer: $0.layer, agreement: $0.agreement, insertion: $0.curves?.insertion,
            deletion: $0.curves?.deletion)
        }, runs: ranking.cost.runs.forward, milliseconds: ranking.cost.duration.milliseconds)
    }
    concepts = explanation.concepts?.map { concept in
      let classes = Prediction.best(5, of: concept.outputs, labels: model.labels, outputs: model.outputs)
      return .init(share: concept.share, predictions: classes.map { .init($0) })
    }
  }
}
