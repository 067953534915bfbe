import ArgumentParser
import VitCAM

/// How the method `relevance` goes back through a model, and how its map is smoothed.
struct RelevanceOptions: ParsableArguments {
  @Option(help: .init("relevance: the rules by which it goes back.", valueName: "name"))
  var rules = RelevanceRuleSet.recommended

  @Option(
    help: .init(
      """
      relevance: the standard deviation of its smoothing in pixels of the model's input; 0 for none. Default: a 24th of \
      the shorter side, half a patch at least.
      """,
      valueName: "pixels"))
  var smooth: Double?

  /// The options as the library has them.
  var options: MethodOptions {
    var options = MethodOptions()
    options.rules = rules
    options.smoothing = smooth
    return options
  }

  func validate() throws {
    if let smooth, !(0...1000).contains(smooth) {
      throw ValidationError("--smooth: expected 0 to 1000 pixels, found \(smooth)")
    }
  }
}

extension RelevanceRuleSet: ExpressibleByArgument {}
