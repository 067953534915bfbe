import Tensors
import Architectures
import Explanations
import Images

/// What decides about the results of a batch: what was asked for, of which pictures, by which model. Runs that share a
/// folder agree in all of it.
public struct BatchSettings: Codable, Equatable, Sendable {
  /// The version of the folder's layout.
  let format: Int
  let architecture: String
  /// The name of the file with the weights, without its folder, which may be another one on another machine.
  let weights: String
  let weightsBytes: Int
  let imageSize: [Int]
  let layers: [String]
  let reshape: String
  let methods: [String]
  let targets: [String]
  let preprocessing: String
  let drawing: String
  let outputs: [String]
  let batchSize: Int
  let list: PictureList.Identity

  private enum CodingKeys: String, CodingKey {
    case format, architecture, weights
    case weightsBytes = "weights_bytes"
    case imageSize = "image_size"
    case layers, reshape, methods, targets, preprocessing, drawing, outputs
    case batchSize = "batch_size"
    case list
  }

  init(_ explainer: Explainer, _ options: BatchOptions, weights: String, list: PictureList.Identity) {
    let model = explainer.model
    format = 1
    architecture = model.name
    self.weights = weights.split(separator: "/").last.map(String.init) ?? weights
    weightsBytes = Folder.byteCount(of: weights) ?? 0
    imageSize = [model.imageSize.height, model.imageSize.width]
    layers = explainer.layerNames
    reshape = explainer.reshape.description
    methods =
      options.methods.map(\.title) + (explainer.clipping.map { ["clipped at \($0.percentile)"] } ?? [])
      + (explainer.keepsSigns ? ["signed"] : [])
    targets = options.targets
    preprocessing = options.preprocessing.words + (options.windowsEachPicture ? ", window auto" : "")
    drawing =
      options.renderer.words + (options.drawsWhole ? ", whole" : "")
      + (options.pictureFormat == .jpeg ? ", jpg" : "")
    outputs = BatchOptions.Output.allCases.filter { options.outputs.contains($0) }.map(\.rawValue)
    batchSize = options.batchSize
    self.list = list
  }

  /// The first thing in which these settings differ from others, in words; nil where they agree.
  func difference(from other: BatchSettings) -> String? {
    let pairs: [(String, String, String)] = [
      ("format", "\(format)", "\(other.format)"), ("architecture", architecture, other.architecture),
      ("weights", "\(weights), \(weightsBytes) bytes", "\(other.weights), \(other.weightsBytes) bytes"),
      ("image size", "\(imageSize)", "\(other.imageSize)"), ("layers", "\(layers)", "\(other.layers)"),
      ("reshape", reshape, other.reshape), ("methods", "\(methods)", "\(other.methods)"),
      ("targets", "\(targets)", "\(other.targets)"), ("preprocessing", preprocessing, other.preprocessing),
      ("drawing", drawing, other.drawing), ("outputs", "\(outputs)", "\(other.outputs)"),
      ("batch size", "\(batchSize)", "\(other.batchSize)"),
      (
        "list", "\(list.pictures) pictures, checksum \(list.checksum)",
        "\(other.list.pictures) pictures, checksum \(other.list.checksum)"
      ),
    ]
    return pairs.first { $0.1 != $0.2 }.map { "\($0.0): expected \($0.2), found \($0.1)" }
  }
}

extension Preprocessing {
  /// All of it in one line.
  fileprivate var words: String {
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ",") }
    let fit = if case .crop(let fraction) = fit { "crop \(fraction)" } else { "squash" }
    let window = window.map { ", window \($0.low),\($0.high)" } ?? ""
    return "\(size), \(fit), \(interpolation), mean \(list(mean)), std \(list(standardDeviation))\(window)"
  }
}

extension ExplanationRenderer {
  /// All of it in one line.
  fileprivate var words: String {
    "\(heatmap.style.rawValue), \(heatmap.colorMap.rawValue), signs \(heatmap.signedColorMap.rawValue), alpha \(heatmap.alpha), gamma \(heatmap.gamma), "
      + "\(heatmap.blending.rawValue), \(heatmap.upsampling.rawValue), threshold \(heatmap.threshold), "
      + "from \(heatmap.minimumSide) pixels" + (drawsConcepts ? ", concepts" : "")
  }
}
