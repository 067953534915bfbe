import Architectures
import Explanations
import Images
import Tensors

/// What the explanation of one picture gave.
struct ExplainedPicture: Sendable {
  let picture: LoadedPicture
  /// One for each target and method, methods innermost.
  let explanations: [Explanation]
  /// The best classes, best first.
  let predictions: [Prediction]
  /// Of all classes.
  let probabilities: [Float]?
  /// The model that was explained.
  let model: Model

  /// A file that is not written yet.
  struct File: Sendable {
    /// What follows the picture's own name in that of the file: `tabby.gradcam.png`.
    let suffix: String
    let bytes: [UInt8]
    /// The map that it shows.
    let map: Int
  }

  /// The files of all maps.
  ///
  /// - Throws: `ImageError` where a drawing cannot be encoded.
  func files(_ options: BatchOptions) throws -> [File] {
    var files = [File]()
    var taken = Set<String>()
    for (map, explanation) in explanations.enumerated() {
      var name = MapName.fileName(of: explanation)
      var number = 1
      while !taken.insert(name).inserted {
        number += 1
        name = "\(MapName.fileName(of: explanation))-\(number)"
      }
      if options.outputs.contains(.picture), let canvas = picture.canvas {
        let drawing = options.renderer(
          explanation, of: model, over: canvas, visible: picture.visible, window: picture.window,
          caption: MapName.caption(of: explanation, probabilities: probabilities))
        let ending = options.pictureFormat == .png ? "png" : "jpg"
        files.append(
          File(suffix: "\(name).\(ending)", bytes: try drawing.encoded(as: options.pictureFormat), map: map))
      }
      if options.outputs.contains(.heatmap) {
        files.append(File(suffix: "\(name).heatmap.npy", bytes: explanation.heatmap.npyBytes, map: map))
      }
      if options.outputs.contains(.raw) {
        for (layer, raw) in explanation.rawMaps.enumerated() {
          let number = explanation.rawMaps.count > 1 ? "-\(layer)" : ""
          files.append(File(suffix: "\(name).raw\(number).npy", bytes: raw.npyBytes, map: map))
        }
      }
    }
    return files
  }

  /// What is told of each map, given the names of its files.
  func maps(files: [(map: Int, name: String)]) -> [PictureReport.Map] {
    explanations.indices.map { map in
      PictureReport.Map(
        explanations[map], probabilities: probabilities, model: model,
        files: files.filter { $0.map == map }.map(\.name))
    }
  }
}
