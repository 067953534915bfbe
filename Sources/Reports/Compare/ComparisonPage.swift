import Explanations
import Images

/// What the page of a comparison says, in the words of its template `Page/comparison.mustache`.
struct ComparisonPage {
  /// A row of the table of means.
  struct Mean {
    let model: String
    let method: String
    let values: [PageNumber]
  }

  /// A picture and a target with all maps.
  struct Case {
    let number: Int
    let picture: PagePicture
    let target: String
    let title: String
    let models: [Model]
    let agreement: [MethodAgreement]
  }

  /// A model's row of a case.
  struct Model {
    let name: String
    let about: String
    let predictions: [Prediction]
    let maps: [Map]
  }

  /// A class that a model believes in.
  struct Prediction {
    let title: String
    let text: String
    /// The length of its bar, in percent.
    let percent: Int
  }

  /// A map, or why there is none.
  struct Map {
    let method: String
    let reason: String?
    let shown: PageMap?
  }

  let title: String
  let summary: String
  let style: String
  let script: String
  let colors: PageColors
  let methods: [String]
  /// How many pictures a model's row has: the plain one, and a map for each method.
  let columns: Int
  let pictures: [PagePicture]
  let measures: [PageMeasure]
  let means: [Mean]
  let cases: [Case]
  let agreement: [MethodAgreement]
  let models: [ComparedModel]
  let failures: [String]

  /// The words for a comparison.
  ///
  /// - Throws: `ImageError` where a picture cannot be encoded.
  init(_ comparison: Comparison) throws {
    let names = comparison.models.map(\.name)
    title = names.joined(separator: ", ")
    summary = [
      PageWords.count(names.count, "model"), PageWords.count(comparison.methods.count, "method"),
      PageWords.count(comparison.pictures.count, "picture"),
    ].joined(separator: " · ")
    style = PageParts.style
    script = PageParts.script
    colors = PageColors(comparison.colorMap, isSigned: comparison.keepsSigns)
    methods = comparison.methods
    columns = comparison.methods.count + 1
    let pictures = try comparison.pictures.enumerated().map { place, picture in
      try PagePicture(
        picture.picture, size: ImageSize(height: picture.size[0], width: picture.size[1]), view: picture.view,
        number: place + 1)
    }
    self.pictures = pictures
    measures = comparison.measures.map { PageMeasure($0) }
    means = zip(comparison.means, PageNumber.rows(comparison.means.map(\.measures), comparison.measures)).map {
      Mean(model: $0.model, method: $0.method, values: $1)
    }
    cases = try comparison.cases.enumerated().compactMap { number, entry in
      guard let picture = pictures.first(where: { $0.path == entry.picture }) else { return nil }
      return try Case(entry, number: number + 1, picture, comparison)
    }
    agreement = comparison.methods.map { MethodAgreement($0, comparison.agreement, of: names) }.filter(\.isShown)
    models = comparison.models
    failures = comparison.failures
  }

  /// The page, whole.
  ///
  /// - Throws: what the template's parser says of it.
  func html() throws -> String { try PageParts.rendered(PageParts.comparison, self) }
}
