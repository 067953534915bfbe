import ArgumentParser
import VitCAM

/// How maps are drawn. What is left out is the model's custom.
struct DrawingOptions: ParsableArguments {
  @Option(help: "What is drawn.")
  var style: HeatmapRenderer.Style?

  @Option(name: .customLong("colormap"), help: "The colors. Default: jet; with --signed coolwarm.")
  var colorMap: ColorMap?

  @Option(help: .init("The heatmap's share of an overlay, 0...1.", valueName: "share"))
  var alpha: Float?

  @Option(help: .init("The exponent of the heatmap's values; above 1 only the peaks remain.", valueName: "exponent"))
  var gamma: Float?

  @Option(help: "How the heatmap is enlarged.")
  var upsampling: MapInterpolation?

  @Flag(help: "Draw on the whole original picture, not on what the model saw of it.")
  var whole = false

  func validate() throws {
    if let alpha, !(0...1).contains(alpha) { throw ValidationError("--alpha: expected 0 to 1, found \(alpha)") }
    if let gamma, !(gamma > 0 && gamma <= 100) {
      throw ValidationError("--gamma: expected more than 0, found \(gamma)")
    }
  }

  /// A model's customary rendering with what was asked for. A style is one of heatmaps, also where there are concepts.
  func renderer(for model: Model) -> ExplanationRenderer {
    var result = model.rendering
    if let style { result.style = style }
    if let colorMap {
      result.colorMap = colorMap
      result.signedColorMap = colorMap
    }
    if let alpha { result.alpha = alpha }
    if let gamma { result.gamma = gamma }
    if let upsampling { result.upsampling = upsampling }
    return ExplanationRenderer(result, drawsConcepts: style == nil)
  }
}

extension HeatmapRenderer.Style: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}
extension MapInterpolation: ExpressibleByArgument {}
