import Explanations
import Images

/// What models made of the same pictures: what `report.json` holds, and what the page and the contact sheet show.
public struct Comparison: Encodable, Sendable {
  /// The models, in the order in which they were named.
  public internal(set) var models: [ComparedModel] = []
  /// The methods, in the order in which they were named.
  public internal(set) var methods: [String] = []
  /// The pictures that could be read.
  public internal(set) var pictures: [ComparedPicture] = []
  /// One for each picture and target.
  public internal(set) var cases: [ComparedCase] = []
  /// The means of each model and method.
  public internal(set) var means: [ComparedMean] = []
  /// The agreement of each two models by each method, the mean over all cases.
  public internal(set) var agreement: [ModelAgreement] = []
  /// What the measures' numbers mean, in the order of tables.
  public internal(set) var measures: [MeasureNote] = []
  /// What could not be read or explained, in a line each.
  public internal(set) var failures: [String] = []
  /// The colors of the maps.
  var colorMap = ColorMap.jet
  /// Whether the maps have signs.
  var keepsSigns = false

  private enum CodingKeys: String, CodingKey {
    case models, methods, pictures, cases, means, agreement, measures, failures
  }
}

/// A model of a comparison.
public struct ComparedModel: Encodable, Sendable {
  /// What it is called in the comparison.
  public let name: String
  /// The name of its architecture.
  public let architecture: String
  /// The name of the file of its weights.
  public let weights: String
  /// The height and the width of its input.
  public let imageSize: [Int]
  /// The layers that were looked at, with commas between them.
  public let layer: String
  /// The rows and columns of the first layer's map.
  public let grid: [Int]
  /// How features became a map.
  public let reshape: String
  /// The methods that do not fit it, and why.
  public let leftOut: [String: String]
  /// How long it took to load.
  public let loading: Double?

  private enum CodingKeys: String, CodingKey {
    case name, architecture, weights
    case imageSize = "image_size"
    case layer, grid, reshape
    case leftOut = "left_out"
    case loading = "milliseconds_loading"
  }
}

/// A picture of a comparison.
public struct ComparedPicture: Encodable, Sendable {
  /// Its path.
  public let picture: String
  /// Its height and width.
  public let size: [Int]
  /// What each model believes that it shows, best first.
  public internal(set) var predictions: [String: [PictureReport.Class]] = [:]
  /// The picture as the page shows it.
  let view: Image

  private enum CodingKeys: String, CodingKey {
    case picture, size, predictions
  }
}

/// A target of a picture, explained by all models.
public struct ComparedCase: Encodable, Sendable {
  /// The picture's path.
  public let picture: String
  /// What was asked for: `281`, `top`, or the class of a marked object.
  public let target: String
  /// The maps, models outermost.
  public internal(set) var maps: [ComparedMap] = []
  /// How far each two models agree by each method.
  public internal(set) var agreement: [ModelAgreement] = []

  /// What was explained, in words, where all models agree about it: `tabby`; else what was asked for.
  var title: String {
    let titles = Set(maps.map(\.title))
    return titles.count == 1 ? titles.first ?? target : target
  }
}

/// One model's map of one picture for one target by one method.
public struct ComparedMap: Encodable, Sendable {
  /// The model's name.
  public let model: String
  /// The map, its layer, grid, reshape, target, diagnostics and file.
  public let explanation: PictureReport.Map
  /// The measures by their names.
  public internal(set) var measures: [String: Float] = [:]
  /// How long the method took, forward and backward included, for all targets of the picture together.
  public let milliseconds: Double?
  /// What was explained, with the class by name where it is known.
  let title: String
  /// The map over the original picture.
  let plane: PlaneMap

  private enum CodingKeys: String, CodingKey {
    case model, explanation, measures, milliseconds
  }
}

/// The mean measures of a model and a method.
public struct ComparedMean: Encodable, Sendable {
  /// The model's name.
  public let model: String
  /// The method's name.
  public let method: String
  /// How many maps were measured.
  public let maps: Int
  /// The means by the measures' names, over the maps of which a measure is known.
  public let measures: [String: Float]
}

/// How far two models' maps by one method agree where both saw the picture.
public struct ModelAgreement: Encodable, Sendable {
  /// The two models' names.
  public let models: [String]
  /// The method's name.
  public let method: String
  /// See `Agreement`.
  public let spearman: Float
  /// See `Agreement`.
  public let overlap: Float
  /// See `Agreement`.
  public let ssim: Float
}

/// What the numbers of a measure mean.
public struct MeasureNote: Encodable, Sendable {
  /// Its name in tables.
  public let name: String
  /// Which variant it is and where it comes from.
  public let variant: String
  /// Which numbers are good ones: `higher` or `lower`.
  public let better: String

  init(_ description: MeasureDescription) {
    name = description.name
    variant = description.variant
    better = description.better.rawValue
  }
}
