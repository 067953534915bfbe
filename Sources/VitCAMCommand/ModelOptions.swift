import ArgumentParser
import VitCAM

/// Which model to load.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("arch"),
    help: .init(
      "A timm or torchvision name; read from the checkpoint when left out. `vitcam architectures` lists them.",
      valueName: "name"))
  var architecture: String?

  @Option(
    help: .init(
      "A checkpoint: .safetensors, .pth, .pt, .pkl, .bin, or an exported model, .onnx; or a folder of Hugging Face or timm with config.json. When left out: NAME.* in Weights/, $VITCAM_WEIGHTS or the user's cache.",
      valueName: "file"))
  var weights: String?

  @Option(
    help: .init(
      "The size of the input, N or HxW. When left out: that of --tensor; the architecture's own, or the one at which the layer has the grid of --reshape.",
      valueName: "size"),
    transform: ImageSize.init(argument:))
  var imageSize: ImageSize?

  @Option(help: .init("The number of classes that the checkpoint must have.", valueName: "n"))
  var classes: Int?

  @Option(
    help: .init(
      "Class names: a line per class, CSV with numbers and names, or JSON (a list, id2label, label2id). Default: the checkpoint's; of 1000 classes ImageNet-1k's.",
      valueName: "file"))
  var labels: String?

  @Option(
    name: .customLong("preprocessing"),
    help: .init(
      "Whose preprocessing: timm, torchvision, or a tag of theirs, such as tv_in1k or IMAGENET1K_V2. Default: that of the tag in --arch, else timm's; of names that only torchvision has, torchvision's.",
      valueName: "name"))
  var preprocessingName: String?

  @Option(
    help: .init(
      "What stands behind the last layer, where the file does not show it: none (logits) or sigmoid (a probability for each class).",
      valueName: "name"))
  var activation: OutputActivation?

  @Option(
    name: .customLong("output-name"),
    help: .init(
      "Of an exported model with several outputs, or of several heads, the one to explain.", valueName: "name"))
  var outputName: String?

  @Option(
    help: .init(
      "What stands behind the trunk in a checkpoint with a head of its own, such as 'linear relu dropout linear'; read from its keys when left out.",
      valueName: "layers"),
    transform: { text in
      do { return try HeadSpecification(parsing: text) } catch { throw ValidationError("\(error)") }
    })
  var classifier: HeadSpecification?

  @Flag(
    name: .customLong("ema"), help: "Of weights and their average over training steps in one file, take the average.")
  var prefersAverage = false

  /// The model and the path of its weights.
  ///
  /// - Parameters:
  ///   - reshape: how tokens become a map: a grid says the size of the input where nothing else does.
  ///   - layers: whose grid it is; the recommended one's where left out.
  func load(reshape: String = "auto", layers: [LayerPath] = []) throws -> (model: Model, weights: String) {
    guard architecture != nil || weights != nil else {
      throw UsageError("expected an architecture or a file with weights: --arch NAME or --weights FILE")
    }
    var (model, path) = try ReshapeTransform.Grid.load(for: reshape, at: layers, size: imageSize) { size in
      try Model.load(
        architecture: architecture, weights: weights, output: outputName, preprocessing: preprocessingName,
        activation: activation, head: classifier, prefersAverage: prefersAverage, imageSize: size)
    }
    for note in model.notes { OneLineErrors.note(note) }
    if let classes, classes != model.classCount {
      throw TargetError("--classes \(classes): \(path) has \(model.classCount) classes")
    }
    if let labels { model.labels = try Labels.read(labels, count: model.classCount) }
    for assumption in model.assumptions { OneLineErrors.note(assumption) }
    return (model, path)
  }
}

extension OutputActivation: ExpressibleByArgument {}
