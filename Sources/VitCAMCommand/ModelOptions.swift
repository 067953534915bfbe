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
      "A checkpoint: .safetensors, .pth, .pt, .pkl, .bin. When left out: NAME.* in Weights/, $VITCAM_WEIGHTS or the user's cache.",
      valueName: "file"))
  var weights: String?

  @Option(
    help: .init(
      "The size of the input, N or HxW. When left out: what --reshape implies, else the architecture's own.",
      valueName: "size"))
  var imageSize: ImageSizeArgument?

  @Option(help: .init("The number of classes that the checkpoint must have.", valueName: "n"))
  var classes: Int?

  @Option(help: .init("A text file with a class name per line.", valueName: "file"))
  var labels: String?

  @Option(help: .init("How many threads to use. Default: the cores that this process may use.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected 1 to 1024, found \(threads)")
    }
  }

  /// The model and the path of its weights.
  func load(reshape: String? = nil) throws -> (model: Model, weights: String) {
    var (model, path) = try Model.load(architecture: architecture, weights: weights) { architecture in
      imageSize?.size ?? reshape.flatMap { architecture.imageSize(for: $0) }
    }
    if let classes, classes != model.classCount {
      throw TargetError("--classes \(classes): \(path) has \(model.classCount) classes")
    }
    if let labels { model.labels = try Labels.read(labels, count: model.classCount) }
    return (model, path)
  }

  /// Runs `body` on as many threads as were asked for.
  func withThreads<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Workers.$current.withValue(threads.map(Workers.init(count:)) ?? .available, operation: body)
  }
}

/// `224`, or `160x256`: height first.
struct ImageSizeArgument: ExpressibleByArgument {
  let size: ImageSize

  init?(argument: String) {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard let height = sides.first ?? nil, let width = sides.last ?? nil, sides.count <= 2,
      (1...4096).contains(height), (1...4096).contains(width)
    else { return nil }
    size = ImageSize(height: height, width: width)
  }
}
