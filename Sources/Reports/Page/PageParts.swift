import Images
import Mustache

/// The parts of pages, which lie beside this file and are built into the binary.
enum PageParts {
  /// The style of all pages.
  static let style = text(PackageResources.page_css)
  /// The script of all pages: choosing, reading, sorting. What a page does not have, it leaves alone.
  static let script = text(PackageResources.page_js)
  /// The page of a comparison.
  static let comparison = text(PackageResources.comparison_mustache)
  /// The page of a sweep.
  static let sweep = text(PackageResources.sweep_mustache)

  /// What several pages share, by the names by which they include it.
  private static let shared = [
    "head": PackageResources.head_mustache, "failures": PackageResources.failures_mustache,
    "drawing": PackageResources.drawing_mustache, "measure-heads": PackageResources.measure_heads_mustache,
    "measure-notes": PackageResources.measure_notes_mustache, "values": PackageResources.values_mustache,
    "matrices": PackageResources.matrices_mustache, "script": PackageResources.script_mustache,
  ]

  /// A page from its template and its words.
  ///
  /// - Throws: what the parser of templates says of one.
  static func rendered(_ template: String, _ words: Any) throws -> String {
    var library = MustacheLibrary()
    for (name, part) in shared { try library.register(text(part), named: name) }
    return try MustacheTemplate(string: template).render(words, library: library)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The colors of maps, as the filter that the browser lays over their gray pictures.
struct PageColors {
  let red, green, blue: String
  /// Whether maps have signs, and are the more transparent the nearer they are to 0.
  let isSigned: Bool

  init(_ map: ColorMap, isSigned: Bool = false) {
    self.isSigned = isSigned
    let stops = (0...32).map { map(Float($0) / 32) }
    func table(_ channel: (Int) -> UInt8) -> String {
      stops.indices.map { (Float(channel($0)) / 255).fixed(3) }.joined(separator: " ")
    }
    red = table { stops[$0].red }
    green = table { stops[$0].green }
    blue = table { stops[$0].blue }
  }
}
