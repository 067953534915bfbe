import Architectures
import Explanations
import Images
import Tensors

/// Writes the drawings of maps beside a page, under names that tell them apart.
struct MapWriter {
  /// The report's folder.
  let folder: String
  /// The colors; the model's usual ones where nil.
  var colorMap: ColorMap?
  private var taken = Set<String>()

  /// Makes the folder, without a slash at its end, and `maps/` in it.
  ///
  /// - Throws: ``UsageError`` where it cannot be made.
  init(into folder: String, colorMap: ColorMap? = nil) throws(UsageError) {
    self.folder = Folder.trimmed(folder)
    self.colorMap = colorMap
    try Folder.create("\(self.folder)/maps")
  }

  /// Writes the drawing of a map, and gives what a report says of it.
  ///
  /// - Parameters:
  ///   - probabilities: of all classes, see `Prediction.probabilities(of:outputs:)`.
  ///   - model: the model that was explained, which the report calls `name`.
  ///   - measures: by their names.
  ///   - milliseconds: how long the method took, where that is told.
  /// - Throws: `FileError` where it cannot be written.
  mutating func map(
    _ explanation: Explanation, of picture: MappedPicture, probabilities: [Float]?, by model: Model,
    called name: String,
    measures: [String: Float] = [:], milliseconds: Double? = nil
  ) throws -> ComparedMap {
    var renderer = ExplanationRenderer(model.rendering)
    renderer.heatmap.style = .overlay
    if let colorMap {
      renderer.heatmap.colorMap = colorMap
      renderer.heatmap.signedColorMap = colorMap
    }
    let (image, visible) = (picture.image, picture.visible)
    let drawing = renderer(
      explanation, of: model, over: image, visible: visible, window: picture.preprocessing.window)
    let file = fileName(of: explanation, picture, model: name)
    try AtomicFile.write(try drawing.encoded(as: .png), to: "\(folder)/\(file)")
    return ComparedMap(
      model: name, explanation: .init(explanation, probabilities: probabilities, model: model, files: [file]),
      measures: measures, milliseconds: milliseconds, title: explanation.title,
      plane: PlaneMap(explanation.heatmap, isSigned: explanation.isSigned, visible: visible, of: image.size))
  }

  /// The next name, which no other map has: `maps/01-cat.tabby.resnet50.gradcam.png`.
  private mutating func fileName(of explanation: Explanation, _ picture: MappedPicture, model: String) -> String {
    let number = picture.number < 10 ? "0\(picture.number)" : "\(picture.number)"
    let model = model.map { $0 == " " || $0 == "/" ? "-" : String($0) }.joined()
    let stem = "maps/\(number)-\(MapName.fileName(of: Folder.stem(of: picture.path)))"
    let base = "\(stem).\(MapName.fileName(of: explanation.title)).\(model).\(explanation.method)"
    var name = base
    var count = 1
    while !taken.insert(name).inserted {
      count += 1
      name = "\(base)-\(count)"
    }
    return "\(name).png"
  }
}

/// A picture of which maps are written.
struct MappedPicture {
  let path: String
  /// Its number in the report, from 1.
  let number: Int
  let image: Image
  /// What it goes through on its way to the model.
  let preprocessing: Preprocessing

  /// The part of it that the model sees.
  var visible: Rectangle { preprocessing.visibleRectangle(of: image.size) }
}
