#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a page shows of a map.
struct PageMap {
  let method: String
  /// The map as a gray picture, from which the page's script reads its values.
  let data: String
  /// Whether black is −1, not 0.
  let isSigned: Bool
  /// The file with the drawing.
  let file: String
  /// Where the map lies on its picture, in percent of the picture.
  let left, top, width, height: String
  let title: String
  let score: String
  let layer: String
  let grid: String
  let reshape: String
  let measures: [PageNumber]
  let diagnostics: [String]

  /// - Parameter measures: those that are shown below the map, in their order.
  /// - Throws: `ImageError` where the map cannot be encoded.
  init(_ map: ComparedMap, _ measures: [MeasureNote]) throws {
    let (plane, explanation) = (map.plane, map.explanation)
    method = explanation.method
    isSigned = plane.isSigned
    data = "data:image/png;base64," + Data(try plane.picture.encoded(as: .png)).base64EncodedString()
    file = explanation.files.first ?? ""
    func percent(_ part: Int, of whole: Int) -> String { (Float(part) / Float(whole) * 100).fixed(3) }
    left = percent(plane.columns.lowerBound, of: plane.size.width)
    top = percent(plane.rows.lowerBound, of: plane.size.height)
    width = percent(plane.columns.count, of: plane.size.width)
    height = percent(plane.rows.count, of: plane.size.height)
    title = map.title
    score = (explanation.target.probability ?? explanation.target.score).brief
    layer = explanation.layer
    grid = explanation.grid.map(String.init).joined(separator: "×")
    reshape = explanation.reshape
    self.measures =
      measures.compactMap { measure in map.measures[measure.name].map { PageNumber(measure.name, $0) } }
      + (map.milliseconds.map { [PageNumber("ms", Float($0), places: 1)] } ?? [])
    diagnostics = explanation.diagnostics
  }
}
