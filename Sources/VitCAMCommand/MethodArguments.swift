import ArgumentParser
import VitCAM

/// What can be chosen of the methods.
struct MethodArguments: ParsableArguments {
  @Option(help: "rollout, attention: how the heads of a layer become one.")
  var headFusion = HeadFusion.mean

  @Option(
    help: .init(
      "rollout, gradientrollout: the share of each layer's smallest attention that is left out, 0 to less than 1.",
      valueName: "share"))
  var discardRatio = 0.0

  @Option(
    parsing: .unconditional,
    help: .init("attention: the block, from 0 on, or from the end: -1 is the last.", valueName: "n"))
  var block = -1

  @Option(help: .init("attention: the head, from 0 on. Default: all, fused.", valueName: "n"))
  var head: Int?

  @Option(
    help: .init(
      """
      How often methods that sample run the model: integratedgradients (steps, 50), smoothgrad (noisy copies, 50), \
      rise (masks, 1000).
      """, valueName: "n"))
  var samples: Int?

  @Flag(help: "Take the mean over mirrored and scaled copies of the picture: six times the work, smoother maps.")
  var augSmooth = false

  @Flag(help: "Take the first principal component of the weighted feature maps in place of their sum: less noise.")
  var eigenSmooth = false

  @Option(
    help: .init(
      "Cut maps off at this percentile before they are scaled, so that a few outlier places do not darken the rest: 99.",
      valueName: "percentile"),
    transform: Clipping.init(argument:))
  var clip: Clipping?

  @Flag(
    help: """
      Keep what speaks against the target: heatmaps from -1 to 1, drawn from blue to red, and not clipped at 0 in \
      --save-heatmap.
      """)
  var signed = false

  @Option(
    help: .init(
      "What the chance of randomcam, smoothgradcam++, sscam, smoothgrad and rise follows from.", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var relevance: RelevanceOptions

  func validate() throws {
    if !(0..<1).contains(discardRatio) {
      throw ValidationError("--discard-ratio: expected 0 to less than 1, found \(discardRatio)")
    }
    if let samples, !(1...1_000_000).contains(samples) {
      throw ValidationError("--samples: expected 1 to 1000000, found \(samples)")
    }
  }

  /// The options as the library has them.
  var options: MethodOptions {
    var options = relevance.options
    options.headFusion = headFusion
    options.discardRatio = discardRatio
    options.block = block
    options.head = head
    options.samples = samples
    options.eigenSmooth = eigenSmooth
    options.seed = seed
    return options
  }
}

extension HeadFusion: ExpressibleByArgument {}
