import VitCAM

/// Writes what the explanations of pictures gave: pictures, arrays, and words or JSON.
struct ResultWriter {
  private let options: OutputOptions
  private let model: Model
  private let weights: String
  private let renderer: ExplanationRenderer
  private var destination: Destination
  private var arrays: SavedArrays

  /// - Parameter maps: how many maps there will be for each picture.
  init(_ options: OutputOptions, explainer: Explainer, weights: String, sources: [PictureSource], maps: Int) throws {
    self.options = options
    self.weights = weights
    model = explainer.model
    renderer = options.drawing.renderer(for: model)
    destination = try Destination(options.output, sources: sources, maps: maps)
    arrays = try SavedArrays(options, grids: explainer.grids)
  }

  /// Draws and writes the maps of one picture, and says what was found.
  mutating func write(_ batch: ExplanationBatch, of picture: Picture, loading: Duration) throws {
    let stopwatch = Stopwatch()
    let explanations = batch.explanations[0]
    let logits = batch.logits[0].scalars
    let probabilities = Prediction.probabilities(of: logits, outputs: model.outputs)
    let predictions =
      model.outputs == .embedding
      ? [] : Prediction.best(5, of: logits, labels: model.labels, outputs: model.outputs)
    try arrays.collect(explanations, logits: batch.logits[0])
    let paths = try destination.paths(for: explanations, stem: picture.stem)
    let drawings = try draw(explanations, of: picture, probabilities: probabilities, to: paths)
    for explanation in explanations {
      guard let ranking = explanation.ranking, !options.json else { continue }
      StandardError.write("\(picture.path.printable), \(explanation.title.printable): \(ranking.table)")
    }
    if options.json {
      let maps = zip(explanations, paths).map {
        PictureReport.Map($0, probabilities: probabilities, model: model, files: [$1])
      }
      let times = PictureReport.Milliseconds(
        loading: loading, decoding: picture.decoding, batch.timings, writing: stopwatch.elapsed)
      try printJSON(
        PictureReport(
          picture: picture.path, model: model, weights: weights,
          preprocessing: picture.image.map { _ in picture.preprocessing },
          predictions: predictions.map { .init($0) }, explanations: maps, milliseconds: times))
    } else {
      printWords(picture, predictions, Array(zip(explanations, paths)))
      if options.show { for drawing in drawings { print(TerminalPicture(drawing, columns: 72)) } }
    }
  }

  /// Writes the arrays that were asked for.
  func finish() throws {
    try arrays.write()
  }

  private func draw(
    _ explanations: [Explanation], of picture: Picture, probabilities: [Float]?, to paths: [String]
  ) throws -> [Image] {
    let (canvas, visible) = picture.canvas(whole: options.drawing.whole)
    // What the model saw went through the window already.
    let window = options.drawing.whole ? picture.preprocessing.window : nil
    return try zip(explanations, paths).map { explanation, path in
      let drawing = renderer(
        explanation, of: model, over: canvas, visible: visible, window: window,
        caption: MapName.caption(of: explanation, probabilities: probabilities))
      try drawing.write(to: path)
      return drawing
    }
  }

  private func printJSON(_ report: PictureReport) throws {
    print(String(decoding: try JSONLine.encoded(report), as: UTF8.self))
  }

  private func printWords(_ picture: Picture, _ predictions: [Prediction], _ maps: [(Explanation, String)]) {
    let believed = predictions.prefix(3).map { prediction in
      prediction.area.map { "\(prediction.title) \(($0 * 100).brief) %" }
        ?? "\(prediction.title) \((prediction.probability ?? prediction.logit).brief)"
    }
    let list = believed.joined(separator: ", ") + (model.outputs.areScoresOfPlaces ? " of the picture" : "")
    let result =
      model.outputs == .embedding
      ? "an embedding of \(model.outputCount) values" : believed.isEmpty ? "no class wins anywhere" : list
    print("\(picture.path.printable): \(result)")
    for (map, path) in maps {
      print("  \(map.title) by \(map.method) at \(map.layers.joined(separator: ", ")): \(path.printable)")
      for diagnostic in map.diagnostics { print("    warning: \(diagnostic)") }
    }
  }
}
