import ArgumentParser
import VitCAM

/// Measures methods.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure which methods and layers can be trusted, on pictures with or without marked objects.",
    discussion: """
      Examples:
        vitcam evaluate --demo
        vitcam evaluate --arch resnet50 --labels names.txt --truth instances.json pictures/
        vitcam evaluate --arch demo_vit --truth Weights/Scenes/scenes.json --method all \\
          --layer 'blocks[-1].norm1' --layer 'blocks[-2].norm1' --csv maps.csv
        vitcam evaluate --arch demo_resnet --method layercam --measure curves --measure sanity photos/
        vitcam evaluate --checkpoints 'model-*.pth' --arch resnet50 validation/ -o sweep/
      """)

  @Argument(
    help: .init(
      "Pictures, or folders of them; those of the list where --truth is a list of scenes.", valueName: "image")
  )
  var images: [String] = []

  @Flag(help: "Rank the methods for the four demonstration models on the shipped scenes.")
  var demo = false

  @Option(
    help: .init(
      """
      What is where in the pictures: COCO's JSON, a list of scenes (.json), or a folder of Pascal VOC's .xml or of mask .png \
      files (cat.png or cat-LABEL.png for cat.jpg).
      """, valueName: "path"))
  var truth: String?

  @OptionGroup(title: "Checkpoints") var sweeping: CheckpointOptions

  @OptionGroup(title: "Model") var model: ModelOptions

  @Option(
    name: .customLong("layer"),
    help: .init("A layer; of several, each is measured alone. Default: the recommended one.", valueName: "path"))
  var layers: [String] = []

  @Option(
    help: .init("How tokens become a map: auto, none, 12x12, 14x14-1, or a pattern.", valueName: "spec"))
  var reshape = "auto"

  @Option(
    name: .customLong("method"),
    help: .init(
      "A method, all or quick; may be repeated. Default: all; of --demo quick. Baselines are added.", valueName: "name")
  )
  var methods: [String] = []

  @OptionGroup(title: "Relevance") var relevance: RelevanceOptions

  @Option(
    name: .customLong("target"),
    help: .init(
      "What to explain, as for explain. Default: the classes of the marked objects, else top.", valueName: "class"))
  var targets: [String] = []

  @Option(
    name: .customLong("measure"),
    help: .init(
      """
      curves (insertion, deletion), road, confidence (ADCC, drop, increase), localization, cost, sanity (random parameters, on \
      the first 8 pictures), or all; may be repeated. Default: all but sanity; of --demo all but \
      sanity and road.
      """, valueName: "name"))
  var measures: [String] = []

  @Option(
    help: .init(
      "The steps of insertion and deletion. Default: as many as the input has columns; 12 for --demo.", valueName: "n"))
  var steps: Int?

  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions

  @Option(help: .init("Write every map's measures as comma-separated values.", valueName: "file"))
  var csv: String?

  @Option(help: .init("Write means and every map's measures as JSON.", valueName: "file"))
  var json: String?

  @Flag(help: "Print the tables in Markdown.")
  var markdown = false

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if let steps, !(2...4096).contains(steps) { throw ValidationError("--steps: expected 2 to 4096, found \(steps)") }
    if demo, !images.isEmpty || truth != nil || model.architecture != nil || model.weights != nil {
      throw ValidationError(
        "--demo: has its own models and scenes; it goes with --method, --layer, --measure and outputs")
    }
    if sweeping.checkpoints != nil {
      if demo || truth != nil || model.weights != nil || model.classes != nil || csv != nil || json != nil
        || !targets.isEmpty || !measures.isEmpty
      {
        throw ValidationError(
          "--checkpoints: goes with --arch, --labels, --layer, --method and preprocessing; its report has all numbers")
      }
      guard images.count == 1 else {
        throw ValidationError(
          "--checkpoints: expected one folder with a folder for each class, or one list of pictures")
      }
    }
    if !demo, images.isEmpty, truth == nil {
      throw ValidationError("expected pictures, --truth with a list of scenes, or --demo")
    }
    _ = try groups
  }

  private var groups: Set<MeasureGroup> {
    get throws {
      if measures.isEmpty { return Set(MeasureGroup.allCases).subtracting(demo ? [.sanity, .road] : [.sanity]) }
      var groups = Set<MeasureGroup>()
      for name in measures {
        if name == "all" {
          groups = Set(MeasureGroup.allCases)
        } else if let group = MeasureGroup(rawValue: name) {
          groups.insert(group)
        } else {
          let known = MeasureGroup.allCases.map(\.rawValue).joined(separator: ", ")
          throw ValidationError("--measure \(name): not known; there are \(known), all")
        }
      }
      return groups
    }
  }

  func run() throws {
    if let checkpoints = sweeping.checkpoints, let output = sweeping.output {
      return try sweep(checkpoints, into: output)
    }
    for path in [csv, json].compactMap({ $0 }) {
      guard !Folder.isFolder(path) else { throw UsageError("cannot write \(path): it is a folder, not a file") }
      try Folder.checkWritable(path)
    }
    try Workers.$current.withValue(threads.workers) {
      var results = [EvaluationResults]()
      var failures = 0
      for options in demo ? try DemonstrationScenes.models() : [model] {
        let (result, failed) = try evaluate(options)
        failures += failed
        guard !result.records.isEmpty else { continue }
        print((results.isEmpty ? "" : "\n") + (markdown ? "\(result.model)\n\n\(result.markdown)" : result.table))
        results.append(result)
      }
      if let csv { try AtomicFile.write(Array(EvaluationResults.csv(results).utf8), to: csv) }
      if let json { try AtomicFile.write(Array(try EvaluationResults.json(results).utf8), to: json) }
      if failures > 0 { throw ExitCode(1) }
    }
  }

  /// Measures one model on all pictures, and says how many pictures failed.
  private func evaluate(_ options: ModelOptions) throws -> (EvaluationResults, failures: Int) {
    let (loaded, weights) = try options.load(reshape: reshape, layers: layers.map { LayerPath($0) })
    try preprocessing.check(for: loaded)
    let marked = try (demo ? DemonstrationScenes.list() : truth).map { try GroundTruth(contentsOf: $0) }
    let paths = images.isEmpty ? marked?.pictures ?? [] : try PictureSource.expanding(images).map(\.name)
    guard !paths.isEmpty else { throw UsageError("expected pictures: \(truth ?? "") names none") }
    let specifications = try targets.map { try TargetSpecification(parsing: $0, for: loaded) }
    let evaluation = try Evaluation(
      loaded, layers: layers.map { LayerPath($0) }, methods: methods.isEmpty ? [demo ? "quick" : "all"] : methods,
      groups: groups,
      steps: steps ?? (demo ? 12 : nil), reshape: try ReshapeTransform(parsing: reshape), options: relevance.options)
    var results = EvaluationResults(evaluation)
    var pictures = [EvaluationCase]()
    let progress = ProgressLine(count: paths.count, isQuiet: false)
    var failures = 0
    for path in paths {
      progress.show("\(loaded.name), \(path)")
      do {
        let image = try Image(contentsOf: path)
        let picture = try EvaluationCase(
          path, image: image, preprocessing: try preprocessing.applied(to: loaded.preprocessing, image: image),
          model: loaded, objects: try marked?.objects(in: path, size: image.size), targets: specifications)
        if pictures.count < 8 { pictures.append(picture) }
        results.add(try evaluation.records(of: picture))
      } catch {
        failures += 1
        progress.clear()
        OneLineErrors.report(error)
      }
    }
    progress.clear()
    if evaluation.groups.contains(.sanity) {
      let randomization = try ParameterRandomization(loaded, checkpoint: StateDictionary(contentsOf: weights))
      let cascade = ProgressLine(count: randomization.counts.count, isQuiet: false)
      results.add(
        try evaluation.sanity(of: pictures, randomization) { done, _ in
          cascade.show("\(loaded.name), random parameters")
        })
      cascade.clear()
    }
    return (results, failures)
  }
}
