import ArgumentParser
import VitCAM

/// Explains pictures: the default.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain pictures (the default).",
    discussion: """
      Examples:
        vitcam --arch vit_base_patch16_224 --weights vit.pth cat.jpg
        vitcam --arch resnet50 --labels names.txt --target tabby cat.jpg -o cat.png
        vitcam --arch demo_vit --layer 'blocks[-2].norm1' --reshape 12x12-1 a.png
        vitcam --arch demo_resnet --method all --target top2 photos/ -o out/
        vitcam --arch xray_resnet --window auto --style side-by-side chest.png
        vitcam --arch demo_vit --json --save-heatmap maps.npy a.png b.png -o out/
      """)

  @Argument(help: .init("PNG or JPEG files, or folders of them.", valueName: "image"))
  var images: [String] = []

  @Option(help: .init("Instead of pictures: an already preprocessed N×3×H×W float array, .npy.", valueName: "file"))
  var tensor: String?

  @OptionGroup(title: "Model") var model: ModelOptions

  @Option(
    name: .customLong("layer"),
    help: .init(
      "A layer as PyTorch names it, such as blocks[-1].norm1; of several, the mean is taken. Default: the recommended one.",
      valueName: "path"))
  var layers: [String] = []

  @Option(
    help: .init(
      "How tokens become a map: auto, none, 12x12, 14x14-1 to drop a token, or a pattern such as 'b (h w) c -> b c h w'.",
      valueName: "spec"))
  var reshape = "auto"

  @Option(
    name: .customLong("axis"),
    help: .init("The size of an axis of a --reshape pattern, such as h=12; may be repeated.", valueName: "name=size"),
    transform: AxisArgument.init(argument:))
  var axes: [AxisArgument] = []

  @Option(
    name: .customLong("method"),
    help: .init(
      """
      \(ExplanationMethods.all.map { type(of: $0).name }.joined(separator: ", ")), or all that fit; may be repeated. \
      Default: gradcam.
      """, valueName: "name"))
  var methods: [String] = []

  @Flag(help: "Take the mean over mirrored and scaled copies of the picture: six times the work, smoother maps.")
  var augSmooth = false

  @Flag(help: "Take the first principal component of the weighted feature maps in place of their sum: less noise.")
  var eigenSmooth = false

  @Option(
    name: .customLong("target"),
    help: .init(
      "A class by number or label, top, top5, p:CLASS, or CLASS-CLASS; may be repeated. Default: top.",
      valueName: "class"))
  var targets: [String] = []

  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if images.isEmpty == (tensor == nil) {
      throw ValidationError("expected pictures to explain, or --tensor FILE")
    }
  }

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    try Workers.$current.withValue(threads.workers) { try explainAll() }
  }

  private func explainAll() throws {
    let stopwatch = Stopwatch()
    let reshaping = try ReshapeTransform(
      parsing: reshape, sizes: Dictionary(axes.map { ($0.name, $0.size) }) { _, last in last })
    // Names are checked before a model is loaded, which takes longer.
    let methodNames = methods.isEmpty ? ["gradcam"] : methods
    _ = try ExplanationMethods.named(all: methodNames)
    let (loaded, weights) = try model.load(reshape: reshape)
    let loading = stopwatch.elapsed
    let specifications = try (targets.isEmpty ? ["top"] : targets).map {
      try TargetSpecification(
        parsing: $0, classCount: loaded.classCount, labels: loaded.labels, outputs: loaded.outputs)
    }
    let explainer = try Explainer(loaded, layers: layers.map { LayerPath($0) }, reshape: reshaping)
    let (chosenMethods, leftOut) = try explainer.methods(named: methodNames, eigenSmooth: eigenSmooth)
    for reason in leftOut { OneLineErrors.note("\(reason); left out") }
    let sources =
      try tensor.map { try PictureSource.samples(of: $0, for: loaded) } ?? PictureSource.expanding(images)
    var writer = try ResultWriter(
      output, explainer: explainer, weights: weights, sources: sources,
      maps: chosenMethods.count * specifications.reduce(0) { $0 + $1.count })
    let progress = ProgressLine(count: sources.count, isQuiet: output.json)
    var failures = 0
    for source in sources {
      progress.show(source.name)
      do {
        let picture = try source.load(for: loaded, preprocessing)
        let explain = augSmooth ? explainer.explainAugmented : explainer.explain
        let batch = try explain(picture.input, chosenMethods, { progress.report($0) }) { _, logits in
          specifications.flatMap { $0.targets(logits: logits) }
        }
        progress.clear()
        try writer.write(batch, of: picture, loading: loading)
      } catch {
        failures += 1
        progress.clear()
        OneLineErrors.report(error)
      }
    }
    try writer.finish()
    if failures > 0 { throw ExitCode(1) }
  }
}
