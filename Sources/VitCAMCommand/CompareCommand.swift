import ArgumentParser
import VitCAM

/// Explains the same pictures with several models.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare models and methods on the same pictures, as a page, numbers and a contact sheet.",
    discussion: """
      Examples:
        vitcam compare --arch vit_tiny_patch16_224 --arch resnet50 --target 281 cat.jpg dog.jpg -o report/
        vitcam compare --arch pvt_v2_b3=PVT_2.pkl --reshape pvt_v2_b3=12x12 --arch resnet50=r50.pth \\
          --method gradcam --method layercam --truth masks/ photos/ -o report/
        vitcam compare --arch demo_vit --arch demo_resnet Weights/Scenes/scene-2?.png -o report/

      The folder holds index.html, which needs nothing beside it, report.json, contact-sheet.png and maps/.
      Docs/comparing-models.md says what the numbers mean.
      """)

  @Argument(help: .init("Pictures, folders, patterns, or lists.", valueName: "picture"))
  var pictures: [String] = []

  @Option(
    name: .customLong("arch"),
    help: .init("A model: NAME, or NAME=FILE with its weights; may be repeated.", valueName: "name"))
  var architectures: [String]

  @Option(name: .shortAndLong, help: .init("The folder for the report.", valueName: "folder"))
  var output: String

  @Option(
    name: .customLong("method"),
    help: .init("A method, or all; may be repeated. Default: relevance.", valueName: "name"))
  var methods: [String] = []

  @Option(
    name: .customLong("target"),
    help: .init(
      "What to explain, as for explain; may be repeated. Default: the classes of the marked objects, else top.",
      valueName: "class"))
  var targets: [String] = []

  @Option(
    name: .customLong("layer"),
    help: .init(
      "A layer of a model: NAME=PATH; may be repeated. Default: the recommended one.", valueName: "name=path"),
    transform: NamedValue.init(argument:))
  var layers: [NamedValue] = []

  @Option(
    name: .customLong("reshape"),
    help: .init("How a model's tokens become a map: NAME=SPEC, as for explain.", valueName: "name=spec"),
    transform: NamedValue.init(argument:))
  var reshapes: [NamedValue] = []

  @Option(
    help: .init("Cut maps off at this percentile before they are scaled, as for explain.", valueName: "percentile"),
    transform: Clipping.init(argument:))
  var clip: Clipping?

  @Option(help: .init("Class names, in text, CSV or JSON, for models whose checkpoints have none.", valueName: "file"))
  var labels: String?

  @Option(
    help: .init("What is where in the pictures, as for evaluate: masks, boxes, or a list of scenes.", valueName: "path")
  )
  var truth: String?

  @Option(help: .init("The steps of deletion and insertion; 0 leaves them out.", valueName: "n"))
  var steps = 16

  @Flag(name: .customLong("no-timings"), help: "Leave times out: the same inputs give the same bytes.")
  var hidesTimings = false

  @Flag(help: "Keep what speaks against the target: maps from -1 to 1, drawn from blue to red.")
  var signed = false

  @Option(name: .customLong("colormap"), help: "The colors. Default: jet; with --signed coolwarm.")
  var colorMap: ColorMap?

  @OptionGroup(title: "Preprocessing, where it is not each model's own") var preprocessing: PreprocessingOptions

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    guard !pictures.isEmpty || truth != nil else { throw ValidationError("expected pictures to compare models on") }
    guard steps == 0 || (2...4096).contains(steps) else {
      throw ValidationError("--steps: expected 2 to 4096, or 0, found \(steps)")
    }
  }

  func run() throws {
    try Folder.checkWritable(output)
    var options = try ComparisonOptions(models: models)
    if !methods.isEmpty { options.methods = methods }
    options.targets = targets
    options.truth = try truth.map { try GroundTruth(contentsOf: $0) }
    options.labels = labels
    options.steps = steps
    options.clipping = clip
    options.showsTimings = !hidesTimings
    options.keepsSigns = signed
    options.colorMap = colorMap ?? (signed ? .coolwarm : .jet)
    options.prepare = { [preprocessing] own, image in try preprocessing.applied(to: own, image: image) }
    let paths = pictures.isEmpty ? options.truth?.pictures ?? [] : pictures
    let shown = StepProgress()
    let comparison = try Workers.$current.withValue(threads.workers) {
      try ComparisonRun(options, into: output).run(of: paths) { shown.show($0, of: $1, $2) }
    }
    shown.clear()
    for failure in comparison.failures { OneLineErrors.report(UsageError(failure)) }
    print("\(output)/index.html".replacing("//", with: "/"))
    if !comparison.failures.isEmpty { throw ExitCode(1) }
  }

  private var models: [ModelChoice] {
    get throws {
      var choices = try architectures.map { try ModelChoice(parsing: $0) }
      for (option, values) in [("--layer", layers), ("--reshape", reshapes)] {
        for value in values {
          guard choices.contains(where: { $0.architecture == value.name }) else {
            throw UsageError("\(option) \(value.name)=\(value.value): no --arch is called \(value.name)")
          }
        }
      }
      for index in choices.indices {
        let name = choices[index].architecture
        choices[index].layers = layers.filter { $0.name == name }.map { LayerPath($0.value) }
        if let reshape = reshapes.last(where: { $0.name == name }) { choices[index].reshape = reshape.value }
      }
      return choices
    }
  }
}

/// `NAME=VALUE`: an option of one of several models.
struct NamedValue {
  let name: String
  let value: String

  init(argument: String) throws {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex, argument.last != "=" else {
      throw ValidationError("expected NAME=VALUE, where NAME is one of the models")
    }
    name = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}
