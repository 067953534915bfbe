import Architectures
import Explanations
import Images
import LayerGraph
import Tensors

/// Tries checkpoints of a training on labelled pictures, finds the best one, and shows where it looks in the pictures that
/// it gets most wrong.
public struct CheckpointSweep: Sendable {
  /// The checkpoints' paths, in the order of their numbers: `model-9.pth` before `model-80.pth`.
  public let checkpoints: [String]
  /// The pictures.
  let labelled: LabelledPictures
  let options: SweepOptions

  /// A sweep of the checkpoints in a folder, or of those that a pattern matches, or of a single file.
  ///
  /// - Throws: ``UsageError`` where there are none, or where a chosen picture is not among the labelled ones.
  public init(_ checkpoints: String, on labelled: LabelledPictures, _ options: SweepOptions) throws(UsageError) {
    self.labelled = labelled
    self.options = options
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
    self.checkpoints = paths.sorted { $0.precedes($1) }
    for name in options.chosen where !labelled.pictures.contains(where: { $0.path.isCalled(name) }) {
      throw UsageError("\(name): not one of the labelled pictures")
    }
  }

  /// Tries all checkpoints and writes `index.html`, `report.json`, `checkpoints.csv` and `maps/` into a folder.
  ///
  /// A checkpoint that cannot be read or does not fit is told among the failures, and the others are tried.
  ///
  /// - Parameter progress: told before each picture of each checkpoint: what is done of how many, and what is next.
  /// - Throws: what was wrong with the first checkpoint, where none could be tried; `FileError` or ``UsageError`` where the
  ///   folder cannot be written to.
  @discardableResult
  public func run(
    into folder: String, progress: (_ done: Int, _ count: Int, _ next: String) -> Void = { _, _, _ in }
  ) throws -> SweepResults {
    _ = try ExplanationMethods.named(all: options.methods)
    var writer = try MapWriter(into: folder, colorMap: options.colorMap)
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
    do {
      try explain(by: best, in: &results, &writer)
    } catch {
      // The numbers of a long run are not lost for want of a picture.
      results.failures.append("explaining by \(best.checkpoint): \(error)")
    }
    try write(results, into: writer.folder)
    return results
  }

  private func write(_ results: SweepResults, into folder: String) throws {
    let rows = [CheckpointScore.columns] + results.checkpoints.map(\.row)
    try AtomicFile.write(rows.flatMap { SeparatedRow.text($0) }, to: "\(folder)/checkpoints.csv")
    try AtomicFile.write(JSONLine.indented(results), to: "\(folder)/report.json")
    try AtomicFile.write(Array(SweepPage(results, options.colorMap).html().utf8), to: "\(folder)/index.html")
  }

  /// The model of a checkpoint.
  func load(_ path: String) throws -> Model {
    let layers = options.layers.map { LayerPath($0) }
    var model = try ReshapeTransform.Grid.load(for: options.reshape, at: layers, size: options.imageSize) { size in
      try Model.load(architecture: options.architecture, weights: path, imageSize: size)
    }.model
    guard model.outputs.areScoresOfClasses else {
      throw UsageError("\(path): a sweep compares classifiers; its outputs are \(model.outputs.described)")
    }
    if let labels = options.labels { model.labels = try Labels.read(labels, count: model.classCount) }
    return model
  }
}

extension String {
  /// Whether a path or the name of its file is this.
  func isCalled(_ name: String) -> Bool { self == name || Folder.name(of: self) == name }
}
