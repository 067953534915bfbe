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
        vitcam model.onnx cat.jpg
        vitcam --arch resnet50 --labels names.txt --target tabby cat.jpg -o cat.png
        vitcam --arch demo_vit --layer 'blocks[-2].norm1' --reshape 12x12-1 a.png
        vitcam --arch demo_resnet --method all --target top2 photos/ -o out/
        vitcam --arch demo_swin --layer best --method best a.png
        vitcam --arch xray_resnet --window auto --style side-by-side chest.png
        vitcam --arch demo_vit --json --save-heatmap maps.npy a.png b.png -o out/
      """)

  @Argument(help: .init("Pictures (\(ReadableFormat.names)), or folders of them.", valueName: "image"))
  var images: [String] = []

  @Option(
    help: .init(
      "Instead of pictures: an already preprocessed N×C×H×W float array, .npy, with as many channels as the model takes.",
      valueName: "file"))
  var tensor: String?

  @OptionGroup(title: "Model") var model: ModelOptions

  @OptionGroup(title: "Explanation") var explanation: ExplanationOptions

  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions

  @OptionGroup(title: "Output") var output: OutputOptions

  mutating func validate() throws {
    // `vitcam model.onnx cat.jpg`: an exported model needs no option to be told from a picture.
    if model.weights == nil, model.architecture == nil, let place = images.firstIndex(where: ONNXFile.isNamed) {
      model.weights = images.remove(at: place)
    }
    if images.isEmpty == (tensor == nil) {
      throw ValidationError("expected pictures to explain, or --tensor FILE")
    }
    if let number = images.first(where: { Double($0) != nil && !Folder.isTaken($0) }) {
      throw ValidationError("'\(number)': no picture; numbers are written with commas, such as --mean 0.5,0.5,0.5")
    }
  }

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Say in the end where the model's time went, op by op.")
  var profile = false

  func run() throws {
    let measured = profile ? Profile() : nil
    try Profile.$current.withValue(measured) {
      try Workers.$current.withValue(threads.workers) { try explainAll() }
    }
    if let measured { StandardError.write(ProfileTable(measured).text + "\n") }
  }

  private func explainAll() throws {
    let stopwatch = Stopwatch()
    var model = model
    let array = try tensor.map { try PictureArray($0) }
    model.imageSize = model.imageSize ?? array?.size
    let work = try explanation.work(of: model)
    let loaded = work.explainer.model
    let loading = stopwatch.elapsed
    if tensor == nil { try preprocessing.check(for: loaded) }
    let specifications = try explanation.targets.map {
      try TargetSpecification(parsing: $0, for: loaded) { image in
        try preprocessing.applied(to: loaded.preprocessing, image: image)(image)
      }
    }
    let sources =
      try array.map { try $0.samples(for: loaded) } ?? PictureSource.expanding(images)
    var writer = try ResultWriter(
      output, explainer: work.explainer, weights: work.weights, sources: sources,
      maps: work.mapCount * specifications.reduce(0) { $0 + $1.count })
    let progress = ProgressLine(count: sources.count, isQuiet: output.json)
    var failures = 0
    for source in sources {
      progress.show(source.name)
      do {
        let picture = try source.load(for: loaded, preprocessing)
        if picture.preprocessing.window == nil, let largest = picture.image?.faintMaximum {
          OneLineErrors.note(
            "\(picture.path): its samples reach \(largest) of 65535, so the model sees nearly black; --window 0,\(largest) "
              + "or --window auto shows them in full")
        }
        let batch = try work.explain(picture.input, { progress.report($0) }) { _, logits in
          try specifications.flatMap {
            try $0.targets(logits: logits, outputs: loaded.outputs, in: picture.frame)
          }
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
