import Tensors
import Images

/// The maps of a comparison in aligned rows and columns, for a paper.
///
/// Where there are few maps of a picture, each picture is a row, and each model and method a column. Else each model has a
/// row of its own below its picture's, and each method a column.
struct ContactSheet {
  /// How many maps of a picture may stand side by side.
  private static let widest = 8
  /// The longer side of a cell.
  private static let side = 256

  private let comparison: Comparison

  init(_ comparison: Comparison) {
    self.comparison = comparison
  }

  var image: Image {
    let (models, methods) = (comparison.models.map(\.name), comparison.methods)
    let isWide = models.count * methods.count <= Self.widest
    let columns = isWide ? models.flatMap { model in methods.map { (model: model, method: $0) } } : []
    let rows = comparison.cases.flatMap { entry -> [PictureGrid.Row] in
      let picture = comparison.picture(of: entry)?.view
      let label = [Folder.stem(of: entry.picture), entry.title]
      guard !isWide else {
        return [.init(label: label, cells: [picture] + columns.map { drawn(entry, $0.model, $0.method) })]
      }
      return models.enumerated().map { place, model in
        PictureGrid.Row(
          label: (place == 0 ? label : []) + [model],
          cells: [place == 0 ? picture : nil] + methods.map { drawn(entry, model, $0) })
      }
    }
    let headings = isWide ? columns.map { [$0.model] + (methods.count > 1 ? [$0.method] : []) } : methods.map { [$0] }
    return PictureGrid(headings: [["picture"]] + headings, rows: rows, cell: cell).image
  }

  /// A cell that suits most pictures: of their mean aspect ratio.
  private var cell: ImageSize {
    let ratios = comparison.pictures.map { Double($0.view.width) / Double($0.view.height) }
    let ratio = max(0.5, min(2, ratios.reduce(0, +) / Double(max(1, ratios.count))))
    return ratio >= 1
      ? ImageSize(height: Int(Double(Self.side) / ratio), width: Self.side)
      : ImageSize(height: Self.side, width: Int(Double(Self.side) * ratio))
  }

  private func drawn(_ entry: ComparedCase, _ model: String, _ method: String) -> Image? {
    guard let view = comparison.picture(of: entry)?.view,
      let plane = entry.maps.first(where: { $0.model == model && $0.explanation.method == method })?.plane
    else { return nil }
    let (x, y) = (
      Double(view.width) / Double(plane.size.width), Double(view.height) / Double(plane.size.height)
    )
    let part = plane.rectangle
    let visible = Rectangle(left: part.left * x, top: part.top * y, width: part.width * x, height: part.height * y)
    let renderer = HeatmapRenderer(
      colorMap: comparison.colorMap, minimumSide: 0, signedColorMap: comparison.colorMap)
    return renderer(plane.values, isSigned: plane.isSigned, over: view, visible: visible)
  }
}

extension Comparison {
  /// The picture that a case is about.
  func picture(of entry: ComparedCase) -> ComparedPicture? { pictures.first { $0.picture == entry.picture } }
}
