import ArgumentParser
import VitCAM

/// Which checkpoints of a training are tried, and what is told of them.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: .init(
      "Try all checkpoints of a folder, or of a pattern such as 'model-*.pth', on labelled pictures: a folder for each class, or a list with path and label.",
      valueName: "folder"))
  var checkpoints: String?

  @Option(name: .shortAndLong, help: .init("With --checkpoints: the folder for the report.", valueName: "folder"))
  var output: String?

  @Option(
    help: .init("With --checkpoints: how many pictures the best one explains, the worst first.", valueName: "n"))
  var worst: Int?

  @Option(
    help: .init(
      "With --checkpoints: explain this picture rather than the worst ones; may be repeated.", valueName: "picture"))
  var explain: [String] = []

  @Flag(name: .customLong("no-timings"), help: "With --checkpoints: leave times out.")
  var hidesTimings = false

  func validate() throws {
    guard checkpoints != nil else {
      if output != nil || worst != nil || !explain.isEmpty || hidesTimings {
        throw ValidationError("--output, --worst, --explain and --no-timings: go with --checkpoints")
      }
      return
    }
    guard output != nil else {
      throw ValidationError("--checkpoints: expected a folder for the report, --output FOLDER")
    }
    if let worst, !(0...100).contains(worst) { throw ValidationError("--worst: expected 0 to 100, found \(worst)") }
  }
}

extension EvaluateCommand {
  /// Tries checkpoints: says which one is best, and where the report lies.
  func sweep(_ checkpoints: String, into folder: String) throws {
    try Folder.checkWritable(folder)
    var options = SweepOptions()
    options.architecture = model.architecture
    options.imageSize = model.imageSize
    options.labels = model.labels
    options.layers = layers
    options.reshape = reshape
    if !methods.isEmpty { options.methods = methods }
    options.chosen = sweeping.explain
    options.worst = sweeping.worst ?? options.worst
    options.showsTimings = !sweeping.hidesTimings
    options.prepare = { [preprocessing] own, image in try preprocessing.applied(to: own, image: image) }
    let sweep = try CheckpointSweep(checkpoints, on: LabelledPictures(contentsOf: images[0]), options)
    let shown = StepProgress()
    let results = try Workers.$current.withValue(threads.workers) {
      try sweep.run(into: folder) { shown.show($0, of: $1, $2) }
    }
    shown.clear()
    print(results.table)
    for failure in results.failures { OneLineErrors.report(UsageError(failure)) }
    print("\(folder)/index.html".replacing("//", with: "/"))
    if !results.failures.isEmpty { throw ExitCode(1) }
  }
}
