import ArgumentParser
import VitCAM

/// What is written, and how it is drawn.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: .init(
      "A picture (.png, .jpg) for one map, or a folder for many. Default: here.", valueName: "path"))
  var output: String?

  @OptionGroup var drawing: DrawingOptions

  @Option(help: .init("Write the heatmaps, N×H×W at input resolution, as .npy.", valueName: "file"))
  var saveHeatmap: String?

  @Option(help: .init("Write the maps at layer resolution before ReLU, N×h×w, as .npy.", valueName: "file"))
  var saveRaw: String?

  @Option(help: .init("Write the model's outputs, N×classes, as .npy.", valueName: "file"))
  var saveLogits: String?

  @Flag(help: "Print one JSON object per picture, and nothing else, on standard output.")
  var json = false

  @Flag(help: "Show the pictures in the terminal.")
  var show = false
}
