import ArgumentParser
import VitCAM

/// What is explained, where in the model, and how.
struct ExplanationOptions: ParsableArguments {
  @Option(
    name: .customLong("layer"),
    help: .init(
      "A layer as PyTorch names it, such as blocks[-1].norm1; of several, the mean is taken; or best, to have it chosen for each picture. Default: the recommended one.",
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
      \(ExplanationMethods.all.map { type(of: $0).name }.joined(separator: ", ")); all that fit; quick, those of them \
      that do not run the whole model again; or best, to have it chosen. May be repeated. Default: relevance, at the \
      picture or at the named --layer. guidedbackprop and guidedgradcam fail the sanity checks of Adebayo et al. 2018.
      """, valueName: "name"))
  var methods: [String] = []

  @OptionGroup(title: "Methods") var methodArguments: MethodArguments

  @Option(
    name: .customLong("target"),
    help: .init(
      "A class by number or label, top, top5, p:CLASS, odds:CLASS, sigmoid:CLASS, not:CLASS, CLASS-CLASS, out:N, or like:FILE; may be repeated. Default: top.",
      valueName: "class"))
  private var chosenTargets: [String] = []

  /// What is explained: the best class where nothing was asked for.
  var targets: [String] { chosenTargets.isEmpty ? ["top"] : chosenTargets }

  /// How tokens become a map.
  var reshaping: ReshapeTransform {
    get throws {
      try ReshapeTransform(
        parsing: reshape, sizes: Dictionary(axes.map { ($0.name, $0.size) }) { _, last in last })
    }
  }

  /// Loads the model, and says which of the methods that were asked for do not fit it.
  func explainer(
    of model: ModelOptions
  ) throws -> (explainer: Explainer, methods: [any ExplanationMethod], weights: String) {
    let reshaping = try reshaping
    // Names are checked before a model is loaded, which takes longer.
    _ = try ExplanationMethods.named(all: methods)
    let paths = layers.map { LayerPath($0) }
    let (loaded, weights) = try model.load(reshape: reshape, layers: paths)
    var explainer = try Explainer(loaded, layers: paths, reshape: reshaping)
    explainer.clipping = methodArguments.clip
    explainer.keepsSigns = methodArguments.signed
    let (chosen, leftOut) = try explainer.methods(named: methods, options: methodArguments.options)
    for reason in leftOut { OneLineErrors.note("\(reason); left out") }
    return (explainer, chosen, weights)
  }
}
