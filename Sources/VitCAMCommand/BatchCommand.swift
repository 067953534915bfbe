import ArgumentParser
import VitCAM

/// Explains pictures by the thousand.
struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Explain pictures by the thousand: resumable, in shards, or as a pipe.",
    discussion: """
      Examples:
        vitcam batch --arch resnet50 --weights model.pth photos/ -o out/
        vitcam batch --arch resnet50 --weights model.pth list.csv -o out/ --resume
        vitcam batch ... list.csv -o out/ --resume --shard $SLURM_ARRAY_TASK_ID/4
        vitcam merge out/
        printf 'a.png\\nb.png\\n' | vitcam batch --stdin --arch demo_vit

      A list has the columns path, label and target (.csv, .tsv), or these keys in each line (.jsonl).
      Exit status: 0 all is done; 1 some pictures could not be explained, see errors.jsonl; 2 wrong use; 130 or 143
      stopped by Ctrl-C or SIGTERM, to be gone on with by --resume. Docs/many-pictures.md says more.
      """)

  @Argument(help: .init("Folders, pictures, patterns such as 'scans/*.png', or lists.", valueName: "pictures"))
  var pictures: [String] = []

  @Flag(help: "Read a path or a JSON object per line, and answer each with a line on standard output.")
  var stdin = false

  @Option(name: .shortAndLong, help: .init("The folder for the results.", valueName: "folder"))
  var output: String?

  @Flag(help: "Go on with earlier runs: skip what is done, and whose files are what they were.")
  var resume = false

  @Option(
    help: .init("Do this part only: INDEX/COUNT, counted from 0.", valueName: "i/n"),
    transform: { text in try Shard(parsing: text) })
  var shard: Shard?

  @Option(
    help: .init(
      "How many pictures go through the model at once. Default: 4 for small models, else 1; with --stdin always 1.",
      valueName: "n"))
  var batchSize: Int?

  @Option(
    name: .customLong("write"),
    help: .init(
      "picture, heatmap (.npy, input size), raw (.npy, layer size) or nothing; may be repeated. Default: picture, with --stdin nothing.",
      valueName: "what"))
  var writes: [BatchFiles] = []

  @Option(help: "The format of the drawings; jpg takes a tenth of the bytes and is faster.")
  var format = PictureFormat.png

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Explanation") var explanation: ExplanationOptions
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup(title: "Drawing") var drawing: DrawingOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if stdin {
      guard pictures.isEmpty, output == nil, shard == nil, !resume else {
        throw ValidationError("--stdin: goes with no pictures, --output, --shard or --resume; it answers line by line")
      }
    } else {
      guard !pictures.isEmpty else { throw ValidationError("expected pictures to explain, or --stdin") }
      guard output != nil else { throw ValidationError("expected a folder for the results: --output FOLDER") }
    }
    if let batchSize, !(1...1024).contains(batchSize) {
      throw ValidationError("--batch-size: expected 1 to 1024, found \(batchSize)")
    }
  }

  func run() throws {
    try explanation.checkNothingIsChosen(in: "batch")
    let (explainer, methods, weights) = try explanation.explainer(of: model)
    try preprocessing.check(for: explainer.model)
    var options = BatchOptions(for: explainer.model)
    options.methods = methods
    options.augmentsPictures = explanation.methodArguments.augSmooth
    options.targets = explanation.targets
    options.preprocessing = try preprocessing.applied(to: explainer.model.preprocessing, image: nil)
    if case .automatic = preprocessing.window { options.windowsEachPicture = true }
    options.renderer = drawing.renderer(for: explainer.model)
    options.drawsWhole = drawing.whole
    options.outputs = Set((writes.isEmpty ? [stdin ? .nothing : .picture] : writes).compactMap(\.output))
    options.pictureFormat = format.imageFormat
    if let size = batchSize ?? (stdin ? 1 : nil) { options.batchSize = size }

    let signals = StopSignals()
    if let output {
      try explain(explainer, options, weights: weights, into: output, signals)
    } else {
      try PictureStream(explainer, options).run(workers: threads.workers, stop: signals.request)
    }
    if let status = signals.exitStatus { throw ExitCode(status) }
  }

  private func explain(
    _ explainer: Explainer, _ options: BatchOptions, weights: String, into output: String, _ signals: StopSignals
  ) throws {
    try Folder.checkWritable(output)
    let run = try BatchRun(
      explainer, options, of: PictureList(pictures, excluding: output), weights: weights, into: output,
      shard: shard ?? .whole, isResuming: resume)
    let shown = BatchProgress(count: run.places.count)
    let done = try run.run(workers: threads.workers, stop: signals.request) { shown.report($0, $1) }
    shown.finish(done)
    guard signals.exitStatus == nil else { return }
    if shard == nil { MergeCommand.report(try BatchMerge.merge(output), in: output) }
    if done.failed > 0 { throw ExitCode(1) }
  }
}

/// What `--format` names.
enum PictureFormat: String, ExpressibleByArgument, CaseIterable {
  case png, jpg

  var imageFormat: ImageFormat { self == .png ? .png : .jpeg }
}

/// What `--write` names.
enum BatchFiles: String, ExpressibleByArgument, CaseIterable {
  case picture, heatmap, raw, nothing

  var output: BatchOptions.Output? { BatchOptions.Output(rawValue: rawValue) }
}
