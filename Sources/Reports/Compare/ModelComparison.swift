import Architectures
import Explanations
import Images
import Tensors

/// One model's part of a comparison; the model is gone with it.
struct ModelComparison {
  /// What the report says of the model.
  let described: ComparedModel
  private let options: ComparisonOptions
  private let explainer: Explainer
  private let methods: [any ExplanationMethod]
  private let targets: [(text: String, specification: TargetSpecification)]

  /// The methods that fit.
  var methodNames: [String] { methods.map(\.title) }

  /// Loads a model.
  init(_ choice: ModelChoice, _ options: ComparisonOptions) throws {
    self.options = options
    let stopwatch = Stopwatch()
    _ = try ExplanationMethods.named(all: options.methods)
    let (unclipped, weights) = try choice.load(labels: options.labels)
    var explainer = unclipped
    explainer.clipping = options.clipping
    explainer.keepsSigns = options.keepsSigns
    let loading = stopwatch.elapsed
    self.explainer = explainer
    var found = [any ExplanationMethod]()
    var leftOut = [String: String]()
    for name in options.methods {
      do {
        found += try explainer.methods(named: [name]).fitting
      } catch let error where error is MethodError || error is UnreachableLayer {
        leftOut[name] = "\(error)"
      }
    }
    var names = Set<String>()
    methods = found.filter { names.insert($0.title).inserted }
    guard !methods.isEmpty else {
      throw UsageError(leftOut.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; "))
    }
    let model = explainer.model
    targets = try options.targets.map { ($0, try TargetSpecification(parsing: $0, for: model)) }
    described = ComparedModel(
      name: choice.name, architecture: model.name, weights: Folder.name(of: weights),
      imageSize: [model.imageSize.height, model.imageSize.width], layer: explainer.layerNames.joined(separator: ","),
      grid: explainer.grids.first.map { [$0.height, $0.width] } ?? [], reshape: explainer.reshape.description,
      leftOut: leftOut, loading: options.showsTimings ? loading.milliseconds : nil)
  }

  /// The maps of a picture, whose drawings are written, and what the model believes that it shows.
  func explained(
    _ path: String, number: Int, _ writer: inout MapWriter
  ) throws -> (predictions: [PictureReport.Class], maps: [(target: String, map: ComparedMap)]) {
    let model = explainer.model
    let image = try Image(contentsOf: path)
    let preprocessing = try options.prepare(model.preprocessing, image)
    let mapped = MappedPicture(path: path, number: number, image: image, preprocessing: preprocessing)
    let picture = try EvaluationCase(
      path, image: image, preprocessing: preprocessing, model: model,
      objects: try options.truth?.objects(in: path, size: image.size), targets: targets.map(\.specification))
    let logits = try model.outputs(for: picture.input)[0].scalars
    let probabilities = Prediction.probabilities(of: logits, outputs: model.outputs)
    let wanted = try wanted(picture, logits)
    var maps = [(target: String, map: ComparedMap)]()
    for method in methods {
      let stopwatch = Stopwatch()
      let batch = try explainer.explain(picture.input, methods: [method]) { _, _ in wanted.map(\.target) }
      let time = stopwatch.elapsed
      for (explanation, (text, target)) in zip(batch.explanations[0], wanted) {
        let map = try writer.map(
          explanation, of: mapped, probabilities: probabilities, by: model, called: described.name,
          measures: try measures(explanation, of: picture, target),
          milliseconds: options.showsTimings ? time.milliseconds : nil)
        maps.append((text, map))
      }
    }
    let best = Prediction.best(5, of: logits, labels: model.labels, outputs: model.outputs)
    return (best.map { PictureReport.Class($0) }, maps.inOrder(of: wanted.map(\.text)))
  }

  /// The targets of a picture, and what the report calls them, whatever the model.
  private func wanted(
    _ picture: EvaluationCase, _ logits: [Float]
  ) throws -> [(text: String, target: ScoreTarget)] {
    let (labels, outputs) = (explainer.model.labels, explainer.model.outputs)
    guard targets.isEmpty else {
      return try targets.flatMap { text, specification in
        let found = try specification.targets(logits: logits, outputs: outputs, in: picture.frame)
        return found.enumerated().map { (found.count > 1 ? "\(text), place \($0 + 1)" : text, $1) }
      }
    }
    return try picture.targets.flatMap { specification in
      try specification.targets(logits: logits, outputs: outputs, in: picture.frame).map {
        (specification == .top ? "top" : $0.title(labels: labels), $0)
      }
    }
  }

  private func measures(
    _ explanation: Explanation, of picture: EvaluationCase, _ target: ScoreTarget
  ) throws -> [String: Float] {
    var values = [String: Float]()
    let map = explanation.supportingHeatmap
    if let object = picture.object(for: target) {
      let laid = map.laid(over: picture.size, covering: picture.visible)
      values[PointingGame.inside.name] = PointingGame(laid, object.region).isInside ? 1 : 0
      values[MaskEnergy.description.name] = MaskEnergy.share(laid, object.region)
      values[RelevanceRank.description.name] = RelevanceRank.accuracy(laid, object.region)
      values[BoxOverlap.description.name] = BoxOverlap.intersectionOverUnion(laid, object.box)
    }
    if options.steps > 0 {
      let model = explainer.model
      let scorer = Scorer(model, score: target.confidence(outputs: model.outputs))
      let (steps, input) = (options.steps, picture.input)
      values[Insertion.description.name] = try Insertion(steps: steps)(map, input: input, scorer).area
      values[Deletion.description.name] = try Deletion(steps: steps)(map, input: input, scorer).area
    }
    return values
  }
}

extension [(target: String, map: ComparedMap)] {
  /// Targets outermost.
  fileprivate func inOrder(of targets: [String]) -> Self {
    targets.flatMap { target in filter { $0.target == target } }
  }
}
