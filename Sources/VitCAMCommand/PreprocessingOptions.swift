import ArgumentParser
import VitCAM

/// What pictures go through before they reach the model. What is left out is the architecture's own.
struct PreprocessingOptions: ParsableArguments {
  enum Fit: String, ExpressibleByArgument, CaseIterable {
    case squash, crop
  }

  @Option(
    help: .init(
      "The mean to subtract on the scale of 0...1: of red, green and blue, or one for each channel that the model takes, or one for all.",
      valueName: "r,g,b"),
    transform: ChannelsArgument.init(argument:))
  var mean: ChannelsArgument?

  @Option(
    name: .customLong("std"), help: .init("The standard deviation to divide by.", valueName: "r,g,b"),
    transform: ChannelsArgument.init(argument:))
  var standardDeviation: ChannelsArgument?

  @Option(
    help: .init(
      "What white is to the model, where it is not 1: 255 for models that take 0 to 255. --mean and --std are on this scale then, and 0 and 1 where left out.",
      valueName: "number"))
  var inputScale: Float?

  @Option(help: "squash: the whole picture; crop: its middle.")
  var resize: Fit?

  @Option(help: "The filter for resizing.")
  var interpolation: Interpolation?

  @Option(help: .init("With crop: the share of the shorter side that is kept.", valueName: "share"))
  var cropPct: Double?

  @Option(
    help: .init(
      "The samples to show as black and white, LOW,HIGH or auto: for 12- and 16-bit radiographs.", valueName: "window"),
    transform: WindowArgument.init(argument:))
  var window: WindowArgument?

  func validate() throws {
    if let cropPct, !Preprocessing.cropFractions.contains(cropPct) {
      let allowed = Preprocessing.cropFractions
      throw ValidationError("--crop-pct: expected \(allowed.lowerBound) to \(allowed.upperBound), found \(cropPct)")
    }
    if cropPct != nil, resize == .squash { throw ValidationError("--crop-pct: goes with --resize crop, not squash") }
    if let inputScale, !(inputScale.isFinite && inputScale > 0) {
      throw ValidationError("--input-scale: expected a number above 0, such as 255, found \(inputScale)")
    }
    for (option, argument) in [("mean", mean), ("std", standardDeviation)] where inputScale == nil {
      guard let values = argument?.values, values.contains(where: { abs($0) > 3 }) else { continue }
      let scaled = values.map { "\(($0 / 255 * 10000).rounded() / 10000)" }.joined(separator: ",")
      throw ValidationError(
        "--\(option): expected numbers on the scale of 0 to 1; divided by 255 they are --\(option) \(scaled)")
    }
    if let deviation = standardDeviation?.values, deviation.contains(0) {
      throw ValidationError("--std: a standard deviation cannot be 0")
    }
  }

  /// Says what nothing shows about a model's preprocessing, unless these options settle it, and what becomes of colors.
  ///
  /// - Throws: `UsageError` where they do not fit the model.
  func check(for model: Model) throws {
    _ = try applied(to: model.preprocessing, image: nil)
    if model.preprocessing.channelCount == 1 {
      OneLineErrors.note("its pictures have one channel: those in color become gray (0.299, 0.587, 0.114)")
    }
    let areColorsSettled = (mean != nil && standardDeviation != nil) || inputScale != nil
    if let assumption = model.channelAssumption, !areColorsSettled { OneLineErrors.note(assumption) }
    guard let assumption = model.preprocessingAssumption else { return }
    let isSettled =
      (interpolation != nil && (cropPct != nil || resize == .squash)) || areColorsSettled
    if !isSettled { OneLineErrors.note(assumption) }
  }

  /// The architecture's preprocessing with what was asked for.
  ///
  /// - Throws: `UsageError` where it has another number of channels.
  func applied(to preprocessing: Preprocessing, image: Image?) throws -> Preprocessing {
    var result = preprocessing
    if let inputScale {
      result.mean = result.mean.map { _ in 0 }
      result.standardDeviation = result.standardDeviation.map { _ in 1 / inputScale }
    }
    let channels = preprocessing.channelCount
    if let mean {
      result.mean = try mean.values(of: "mean", channels: channels).map { $0 / (inputScale ?? 1) }
    }
    if let standardDeviation {
      result.standardDeviation = try standardDeviation.values(of: "std", channels: channels)
        .map { $0 / (inputScale ?? 1) }
    }
    if let interpolation { result.interpolation = interpolation }
    switch resize {
    case .squash: result.fit = .squash
    case .crop: result.fit = .crop(fraction: cropPct ?? preprocessing.cropFraction ?? 0.875)
    case nil: if let cropPct { result.fit = .crop(fraction: cropPct) }
    }
    switch window {
    case .range(let range): result.window = range
    case .automatic: result.window = image.flatMap { Window(spanning: $0) }
    case nil: break
    }
    return result
  }
}

extension Preprocessing {
  /// The share of the shorter side that is kept, where the picture is cropped.
  fileprivate var cropFraction: Double? {
    if case .crop(let fraction) = fit { fraction } else { nil }
  }
}

extension Interpolation: ExpressibleByArgument {}
