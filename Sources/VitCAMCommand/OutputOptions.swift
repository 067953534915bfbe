import ArgumentParser
import VitCAM

/// What is written, and how it is drawn. What is left out is the model's custom.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: .init(
      "A picture (.png, .jpg) for one map, or a folder for many. Default: here.", valueName: "path"))
  var output: String?

  @Option(help: "What is drawn.")
  var style: HeatmapRenderer.Style?

  @Option(name: .customLong("colormap"), help: "The colors.")
  var colorMap: ColorMap?

  @Option(help: .init("The heatmap's share of an overlay, 0...1.", valueName: "share"))
  var alpha: Float?

  @Option(help: .init("The exponent of the heatmap's values; above 1 only the peaks remain.", valueName: "exponent"))
  var gamma: Float?

  @Option(help: "How the heatmap is enlarged.")
  var upsampling: MapInterpolation?

  @Flag(help: "Draw on the whole original picture, not on what the model saw of it.")
  var whole = false

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

  func validate() throws {
    if let alpha, !(0...1).contains(alpha) { throw ValidationError("--alpha: expected 0 to 1, found \(alpha)") }
    if let gamma, !(gamma > 0 && gamma <= 100) {
      throw ValidationError("--gamma: expected more than 0, found \(gamma)")
    }
  }

  /// A model's customary rendering with what was asked for.
  func applied(to rendering: HeatmapRenderer) -> HeatmapRenderer {
    var result = rendering
    if let style { result.style = style }
    if let colorMap { result.colorMap = colorMap }
    if let alpha { result.alpha = alpha }
    if let gamma { result.gamma = gamma }
    if let upsampling { result.upsampling = upsampling }
    return result
  }
}

extension HeatmapRenderer.Style: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}
extension MapInterpolation: ExpressibleByArgument {}
