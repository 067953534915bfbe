import Architectures
import Checkpoints
import Explanations
import Images
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tries checkpoints of a training on labelled pictures, finds the best one, and shows where it looks in the pictures that
/// it gets most wrong.
public struct CheckpointSweep: Sendable {
  /// The checkpoints' paths, in the order of their numbers: `model-9.pth` before `model-80.pth`.
  public let checkpoints: [String]
  /// The pictures.
  public let labelled: LabelledPictures
  /// The model; read from each checkpoint where nil.
  public var architecture: String?
  /// A file with a class name per line, for checkpoints that name no classes.
  public var labels: String?
  /// The layer to look at; the recommended one where nil.
  public var layer: String?
  /// How its features become maps.
  public var reshape = "auto"
  /// The methods that explain the worst pictures.
  public var methods = ["gradcam"]
  /// How many of the worst pictures are explained.
  public var worst = 6
  /// Whether the report says how long things took.
  public var showsTimings = true
  /// What a model's own preprocessing becomes for a picture.
  public var prepare: @Sendable (Preprocessing, Image) -> Preprocessing = { own, _ in own }

  /// A confusion table of more classes is not readable.
  static let mostConfusedClasses = 40

  /// A sweep of the checkpoints in a folder, or of those that a pattern matches.
  ///
  /// - Throws: ``UsageError`` where there are none.
  public init(_ checkpoints: String, labelled: LabelledPictures) throws(UsageError) {
    self.labelled = labelled
    var paths = [checkpoints]
    if Folder.isFolder(checkpoints) {
      paths = try Folder.files(in: checkpoints).filter { path in
        WeightsLocator.endings.contains(Folder.ending(of: path)?.lowercased() ?? "")
      }
    } else if GlobPattern.isPattern(checkpoints) {
      paths = GlobPattern.matches(checkpoints)
    }
    guard !paths.isEmpty else {
      throw UsageError(
        "\(checkpoints): expected checkpoints, .\(WeightsLocator.endings.joined(separator: ", .")), found none")
    }
    self.checkpoints = paths.sorted { strverscmp($0, $1) < 0 }
  }

  /// Tries all checkpoints and writes `index.html`, `report.json` and `maps/` into a folder.
  ///
  /// A checkpoint that cannot be read or does not fit is told among the failures, and the others are tried.
  ///
  /// - Parameter progress: told before each picture of each checkpoint: what is done of how many, and what is next.
  /// - Throws: what was wrong with the first checkpoint, where none could be tried; `FileError`, ``UsageError``.
  @discardableResult
  public func run(
    into folder: String, progress: (_ done: Int, _ count: Int, _ next: String) -> Void = { _, _, _ in }
  ) throws -> SweepResults {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    try Folder.create("\(folder)/maps")
    var results = SweepResults()
    var firstFailure: (any Error)?
    let count = labelled.pictures.count
    for (place, path) in checkpoints.enumerated() {
      do {
        let score = try score(of: path, failures: &results.failures) {
          progress(place * count + $0, checkpoints.count * count, path)
        }
        results.add(score)
      } catch {
        firstFailure = firstFailure ?? error
        let reason = "\(error)"
        results.failures.append(reason.contains(path) ? reason : "\(path): \(reason)")
      }
    }
    guard let best = results.best else { throw firstFailure ?? UsageError("expected checkpoints") }
    progress(checkpoints.count * count, checkpoints.count * count, "explaining by \(best.checkpoint)")
    try explainWorst(of: best, in: &results, into: folder)
    try AtomicFile.write(JSONLine.indented(results), to: "\(folder)/report.json")
    try AtomicFile.write(Array(SweepPage(results).html().utf8), to: "\(folder)/index.html")
    return results
  }

  private func load(_ path: String) throws -> Model {
    var model = try Model.load(architecture: architecture, weights: path) { $0.imageSize(for: reshape) }.model
    if let labels { model.labels = try Labels.read(labels, count: model.classCount) }
    return model
  }

  private func score(
    of path: String, failures: inout [String], progress: (Int) -> Void
  ) throws -> CheckpointScore {
    let model = try load(path)
    let classes = try labelled.classes(count: model.classCount, labels: model.labels)
    var losses = [(loss: Float, found: Int)?]()
    var (hits, near, time) = (0, 0, Duration.zero)
    let isConfused = model.classCount <= Self.mostConfusedClasses
    let row = [Int](repeating: 0, count: isConfused ? model.classCount : 0)
    var confusion = [[Int]](repeating: row, count: row.count)
    for (place, picture) in labelled.pictures.enumerated() {
      progress(place)
      guard let right = classes[picture.label] else { continue }
      let image: Image
      do {
        image = try Image(contentsOf: picture.path)
      } catch {
        losses.append(nil)
        if !failures.contains("\(error)") { failures.append("\(error)") }
        continue
      }
      let input = prepare(model.preprocessing, image)(image)
      let stopwatch = Stopwatch()
      let logits = try model.outputs(for: input)[0].scalars
      time += stopwatch.elapsed
      let best = Prediction.best(5, of: logits).map(\.index)
      hits += best[0] == right ? 1 : 0
      near += best.contains(right) ? 1 : 0
      if isConfused { confusion[right][best[0]] += 1 }
      losses.append((Self.loss(of: right, logits, model.outputs), best[0]))
    }
    let known = losses.compactMap { $0 }
    guard !known.isEmpty else { throw UsageError("none of the labelled pictures could be read") }
    return CheckpointScore(
      checkpoint: path, architecture: model.name, pictures: known.count, accuracy: Float(hits) / Float(known.count),
      topFive: Float(near) / Float(known.count), loss: known.map(\.loss).mean ?? 0,
      milliseconds: showsTimings ? (time / known.count).milliseconds : nil, confusion: confusion, pictureLosses: losses)
  }

  /// −log p of a class, without losing a small p to rounding.
  static func loss(of right: Int, _ logits: [Float], _ outputs: OutputKind) -> Float {
    if outputs == .probabilities { return -logf(max(logits[right], 1e-30)) }
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0) { $0 + exp(Double($1 - largest)) }
    return Float(log(sum)) + largest - logits[right]
  }

  private func explainWorst(of best: CheckpointScore, in results: inout SweepResults, into folder: String) throws {
    let model = try load(best.checkpoint)
    let classes = try labelled.classes(count: model.classCount, labels: model.labels)
    let explainer = try Explainer(
      model, layers: layer.map { [LayerPath($0)] } ?? [], reshape: ReshapeTransform(parsing: reshape))
    let methods = try explainer.methods(named: methods).fitting
    results.classes = (0..<model.classCount).map { ScoreTarget.logit($0).title(labels: model.labels) }
    let order = best.pictureLosses.indices.filter { best.pictureLosses[$0] != nil }
      .sorted { (best.pictureLosses[$1]?.loss ?? 0, $0) < (best.pictureLosses[$0]?.loss ?? 0, $1) }
    var names = MapFileNames()
    for place in order.prefix(worst) {
      let (path, label) = labelled.pictures[place]
      guard let right = classes[label], let found = best.pictureLosses[place] else { continue }
      let image = try Image(contentsOf: path)
      let preprocessing = prepare(model.preprocessing, image)
      let targets = (found.found == right ? [right] : [found.found, right]).map { ScoreTarget.logit($0) }
      let batch = try explainer.explain(preprocessing(image), methods: methods) { _, _ in targets }
      let probabilities = Prediction.probabilities(of: batch.logits[0].scalars, outputs: model.outputs)
      var worst = WorstPicture(
        picture: path, label: label, right: right, found: found.found, loss: found.loss,
        view: image.view(through: preprocessing.window))
      for explanation in batch.explanations[0] {
        let file = names.next(picture: results.worst.count, path, explanation, model: model.name)
        let visible = preprocessing.visibleRectangle(of: image.size)
        let drawing = model.rendering(explanation.heatmap, over: image, visible: visible, window: preprocessing.window)
        try AtomicFile.write(try drawing.encoded(as: .png), to: "\(folder)/\(file)")
        worst.maps.append(
          ComparedMap(
            model: model.name,
            explanation: .init(explanation, probabilities: probabilities, labels: model.labels, files: [file]),
            milliseconds: nil, title: explanation.title,
            plane: PlaneMap(explanation.heatmap, visible: visible, of: image.size)))
      }
      results.worst.append(worst)
    }
  }
}
