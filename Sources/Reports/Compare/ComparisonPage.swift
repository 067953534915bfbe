import Explanations
import Images
import Mustache

/// What the page of a comparison says, in the words of its template `Page/page.mustache`.
struct ComparisonPage {
  /// A picture, which the style sheet holds once for all maps of it.
  struct Picture {
    let number: Int
    let name: String
    let path: String
    let width: Int
    let height: Int
    let data: String
  }

  /// A column of the table of means.
  struct Measure {
    let name: String
    let variant: String
    let better: String
    let arrow: String
  }

  /// A row of the table of means.
  struct Mean {
    let model: String
    let method: String
    let values: [Number]
  }

  /// A number of a table; the exact one is what rows are sorted by.
  struct Number {
    let text: String
    let exact: String
    let name: String
    let isBest: Bool
  }

  /// A picture and a target with all maps.
  struct Case {
    let number: Int
    let picture: Picture
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
    let shown: Shown?
  }

  let title: String
  let summary: String
  let style: String
  let script: String
  let red, green, blue: String
  let methods: [String]
  let pictures: [Picture]
  let measures: [Measure]
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
      Self.count(names.count, "model"), Self.count(comparison.methods.count, "method"),
      Self.count(comparison.pictures.count, "picture"),
    ].joined(separator: " · ")
    style = PageParts.style
    script = PageParts.script
    let stops = (0...32).map { comparison.colorMap(Float($0) / 32) }
    red = Self.table(stops.map(\.red))
    green = Self.table(stops.map(\.green))
    blue = Self.table(stops.map(\.blue))
    methods = comparison.methods
    let pictures = try comparison.pictures.enumerated().map { try Picture($1, number: $0 + 1) }
    self.pictures = pictures
    measures = comparison.measures.map {
      Measure(name: $0.name, variant: $0.variant, better: $0.better, arrow: $0.better == "higher" ? "↑" : "↓")
    }
    means = Mean.rows(comparison)
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
  func html() throws -> String {
    var library = MustacheLibrary()
    try library.register(PageParts.matrices, named: "matrices")
    return try MustacheTemplate(string: PageParts.page).render(self, library: library)
  }

  private static func count(_ count: Int, _ name: String) -> String { "\(count) \(name)\(count == 1 ? "" : "s")" }

  private static func table(_ channel: [UInt8]) -> String {
    channel.map { (Float($0) / 255).fixed(3) }.joined(separator: " ")
  }
}

/// The parts of pages, which lie in `Page/` and are built into the binary.
enum PageParts {
  static let page = String(decoding: PackageResources.page_mustache, as: UTF8.self)
  static let matrices = String(decoding: PackageResources.matrices_mustache, as: UTF8.self)
  static let style = String(decoding: PackageResources.page_css, as: UTF8.self)
  static let script = String(decoding: PackageResources.page_js, as: UTF8.self)
}
