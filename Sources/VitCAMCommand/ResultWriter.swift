import VitCAM

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes what the explanations of pictures gave: pictures, arrays, and words or JSON.
struct ResultWriter {
  private let options: OutputOptions
  private let model: Model
  private let weights: String
  private let renderer: HeatmapRenderer
  private let destination: Destination
  private var heatmaps: [Tensor] = []
  private var rawMaps: [Tensor] = []
  private var logits: [Tensor] = []

  init(options: OutputOptions, model: Model, weights: String, pictures: Int) throws {
    self.options = options
    self.model = model
    self.weights = weights
    renderer = options.applied(to: model.rendering)
    destination = try Destination(options.output, pictures: pictures)
  }

  /// Draws and writes the maps of one picture, and says what was found.
  mutating func write(
    _ batch: ExplanationBatch, of picture: Picture, explainer: Explainer, loading: Duration
  ) throws {
    let stopwatch = Stopwatch()
    let explanations = batch.explanations[0]
    let (canvas, visible) = picture.canvas(whole: options.whole)
    let paths = try destination.paths(for: explanations, stem: picture.stem, labels: model.labels)
    let logits = batch.logits[0].scalars
    let predictions = Prediction.best(5, of: logits, labels: model.labels)
    for (explanation, path) in zip(explanations, paths) {
      let drawing = renderer(
        explanation.heatmap, over: canvas, visible: visible, window: picture.preprocessing.window,
        caption: caption(explanation, logits))
      try drawing.write(to: path)
      if options.show, !options.json { print(TerminalPicture(drawing, columns: 72)) }
    }
    collect(explanations, batch.logits)
    let milliseconds = PictureReport.Milliseconds(
      load: loading.milliseconds, decode: picture.decoding.milliseconds,
      forward: batch.timings.forward.milliseconds, backward: batch.timings.backward.milliseconds,
      map: batch.timings.map.milliseconds, write: stopwatch.elapsed.milliseconds)
    let report = PictureReport(
      picture: picture.path, architecture: model.name, weights: weights,
      imageSize: [model.imageSize.height, model.imageSize.width], predictions: predictions.map { .init($0) },
      explanations: zip(explanations, paths).map {
        .init($0, probabilities: Prediction.probabilities(of: logits), labels: model.labels, files: [$1])
      }, milliseconds: milliseconds)
    try options.json ? printJSON(report) : printWords(report)
  }

  /// Writes the arrays that were asked for.
  func finish() throws {
    try options.saveHeatmap.map { try Tensor.stack(heatmaps, "--save-heatmap").write(npy: $0) }
    try options.saveRaw.map { try Tensor.stack(rawMaps, "--save-raw").write(npy: $0) }
    try options.saveLogits.map { try Tensor.stack(logits, "--save-logits").write(npy: $0) }
  }

  private mutating func collect(_ explanations: [Explanation], _ outputs: Tensor) {
    if options.saveHeatmap != nil { heatmaps += explanations.map(\.heatmap) }
    if options.saveRaw != nil { rawMaps += explanations.flatMap(\.rawMaps) }
    if options.saveLogits != nil { logits.append(outputs[0]) }
  }

  /// `star 0.98 · gradcam · layer3[-1]`
  private func caption(_ explanation: Explanation, _ logits: [Float]) -> String {
    let name = explanation.classIndex.map { model.labels?[$0] ?? "class \($0)" } ?? explanation.target
    let score = explanation.classIndex.flatMap { Prediction.probabilities(of: logits)?[$0] } ?? explanation.score
    return
      "\(name) \(score.rounded(toPlaces: 2)) · \(explanation.method) · \(explanation.layers.joined(separator: ", "))"
  }

  // MARK: Words

  private func printJSON(_ report: PictureReport) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  private func printWords(_ report: PictureReport) {
    print("\(report.picture): \(report.predictions.prefix(3).map(words).joined(separator: ", "))")
    for map in report.explanations {
      let target = map.target.label ?? map.target.index.map { "class \($0)" } ?? "target"
      print("  \(target) by \(map.method) at \(map.layer): \(map.files.joined(separator: ", "))")
      for diagnostic in map.diagnostics { print("    warning: \(diagnostic)") }
    }
  }

  private func words(_ prediction: PictureReport.Class) -> String {
    "\(prediction.label ?? "class \(prediction.index)") \((prediction.probability ?? prediction.logit).rounded(toPlaces: 3))"
  }
}

/// Where pictures are written: a file for a single map, or a folder.
private struct Destination {
  private let file: String?
  private let folder: String

  init(_ output: String?, pictures: Int) throws {
    if let output, ImageFormat(path: output) != nil, !Folder.isFolder(output) {
      guard pictures == 1 else { throw UsageError("--output \(output): \(pictures) pictures need a folder") }
      file = output
      folder = ""
    } else {
      file = nil
      folder = output.map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? "."
      if output != nil { try Folder.create(folder) }
    }
  }

  /// One path for each map: what tells them apart is in their names.
  func paths(for explanations: [Explanation], stem: String, labels: [String]?) throws -> [String] {
    if let file {
      guard explanations.count == 1 else {
        throw UsageError("--output \(file): \(explanations.count) maps need a folder")
      }
      return [file]
    }
    var taken = Set<String>()
    return explanations.map { explanation in
      let target = Self.fileName(explanation.target, class: explanation.classIndex, labels: labels)
      let base = "\(folder)/\(stem).\(target).\(explanation.method)"
      var path = "\(base).png"
      var number = 1
      while !taken.insert(path).inserted {
        number += 1
        path = "\(base)-\(number).png"
      }
      return path
    }
  }

  /// A target as a part of a file name: `tabby`, `243`, `probability-of-243`.
  private static func fileName(_ target: String, class index: Int?, labels: [String]?) -> String {
    var text = target.hasPrefix("logit ") ? String(target.dropFirst(6)) : target
    if let index, text == "\(index)", let label = labels?[index] { text = label.prefix { $0 != "," }.description }
    return String(text.prefix(60).map { $0.isLetter || $0.isNumber ? $0 : "-" })
  }
}

extension Tensor {
  /// Tensors of one shape as one with a leading axis.
  fileprivate static func stack(_ tensors: [Tensor], _ purpose: String) throws -> Tensor {
    guard let first = tensors.first else { throw UsageError("\(purpose): nothing was explained") }
    guard tensors.allSatisfy({ $0.shape == first.shape }) else {
      throw UsageError("\(purpose): the maps have several sizes; name one layer")
    }
    return Tensor(unfilled: first.shape.batched(tensors.count)) { result in
      for (index, tensor) in tensors.enumerated() {
        tensor.withScalars { (result.base + index * first.count).update(from: $0.base, count: first.count) }
      }
    }
  }
}

extension Float {
  /// As text with at most so many decimal places.
  func rounded(toPlaces places: Int) -> String {
    let factor = (0..<places).reduce(Float(1)) { power, _ in power * 10 }
    guard isFinite, abs(self) < 1e6 else { return "\(self)" }
    return "\((self * factor).rounded() / factor)"
  }
}
