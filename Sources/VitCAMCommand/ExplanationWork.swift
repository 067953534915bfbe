import VitCAM

/// What explains a picture: methods at layers that were named, or the best ones.
struct ExplanationWork {
  typealias Targets = (_ picture: Int, _ logits: [Float]) throws -> [ScoreTarget]

  /// The model and the layers.
  let explainer: Explainer
  /// The path of the weights.
  let weights: String
  /// How many maps there will be for each target.
  let mapCount: Int
  /// Explains a batch.
  let explain: (_ input: Tensor, _ progress: @escaping ProgressReport, _ targets: Targets) throws -> ExplanationBatch
}

extension ExplanationOptions {
  /// What stands for a layer or a method that is to be chosen.
  static let best = "best"

  private var choosesLayer: Bool { layers.contains(Self.best) }
  private var choosesMethod: Bool { methods.contains(Self.best) }

  /// Refuses `best` where pictures are not explained one at a time.
  func checkNothingIsChosen(in command: String) throws {
    guard !choosesLayer, !choosesMethod else {
      throw UsageError("best: vitcam \(command) cannot choose layers or methods; find them with vitcam --layer best")
    }
  }

  /// Loads the model and gets ready to explain.
  func work(of model: ModelOptions) throws -> ExplanationWork {
    guard choosesLayer || choosesMethod else {
      let (explainer, methods, weights) = try explainer(of: model)
      let augments = methodArguments.augSmooth
      return ExplanationWork(explainer: explainer, weights: weights, mapCount: methods.count) {
        input, progress, targets in
        try (augments ? explainer.explainAugmented : explainer.explain)(input, methods, progress, targets)
      }
    }
    guard !choosesLayer || layers.count == 1 else { throw UsageError("--layer best: goes with no other layer") }
    guard !choosesMethod || methods.count == 1 else { throw UsageError("--method best: goes with no other method") }
    guard !methodArguments.augSmooth else {
      throw UsageError("--aug-smooth: goes with no --layer best or --method best")
    }
    guard !methodArguments.signed else {
      throw UsageError(
        "--signed: goes with no --layer best or --method best, which compare what speaks for the target; name what they chose"
      )
    }
    let (selection, weights) = try selection(of: model)
    return ExplanationWork(
      explainer: selection.explainer, weights: weights, mapCount: selection.groups.count
    ) { input, progress, targets in try selection.explain(input, progress: progress, targets: targets) }
  }

  private func selection(of model: ModelOptions) throws -> (MapSelection, weights: String) {
    let reshaping = try reshaping
    if !choosesMethod { _ = try ExplanationMethods.named(all: methods) }
    let (loaded, weights) = try model.load(
      reshape: reshape, layers: choosesLayer ? [] : layers.map { LayerPath($0) })
    let named = layers.isEmpty ? [loaded.recommendedLayer] : layers.map { LayerPath($0) }
    let explainer = try Explainer(loaded, layers: choosesLayer ? [] : named, reshape: reshaping)
    let (methods, leftOut) =
      try choosesMethod ? ([], []) : explainer.methods(named: methods, options: methodArguments.options)
    for reason in leftOut { OneLineErrors.note("\(reason); left out") }
    let selection = try MapSelection(
      loaded, layers: choosesLayer ? [] : named, methods: methods, reshape: reshaping, clipping: methodArguments.clip)
    return (selection, weights)
  }
}
