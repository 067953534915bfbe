import Architectures
import LayerGraph
import Tensors

/// Measures methods at layers on pictures: which map to trust.
public struct Evaluation: Sendable {
  /// The model.
  public let model: Model
  /// Which measures are computed; ``MeasureGroup/sanity`` by ``sanity(of:_:progress:)``.
  public let groups: Set<MeasureGroup>
  /// How many steps deletion and insertion take; as many as the input has columns where nil.
  public let steps: Int?
  /// Each layer, or several whose mean is taken, with the methods that are measured there.
  private let columns: [(explainer: Explainer, methods: [any ExplanationMethod])]

  /// An evaluation of methods at layers.
  ///
  /// - Parameters:
  ///   - layers: each is measured alone; the model's recommended layer where left out.
  ///   - methods: their names; `all` stands for all that fit. Baselines are always measured too.
  ///   - reshape: how the layers' features become maps.
  ///   - options: what is chosen of the methods.
  /// - Throws: what ``Explainer`` and ``UnknownMethod`` say.
  public init(
    _ model: Model, layers: [LayerPath] = [], methods: [String], groups: Set<MeasureGroup>, steps: Int? = nil,
    reshape: ReshapeTransform = .automatic, options: MethodOptions = MethodOptions()
  ) throws {
    self.model = model
    self.groups = groups
    self.steps = steps
    let baselines = ExplanationMethods.baselines.map { type(of: $0).name }
    var columns = [(explainer: Explainer, methods: [any ExplanationMethod])]()
    for layers in layers.isEmpty ? [[]] : layers.map({ [$0] }) {
      let explainer = try Explainer(model, layers: layers, reshape: reshape)
      var names = Set<String>()
      let found = try explainer.methods(named: methods + baselines, options: options).fitting
        .filter { names.insert($0.title).inserted }
      // A method that reads no layer gives one map, whatever the layers.
      let isFirst = columns.isEmpty
      columns.append((explainer, found.filter { isFirst || explainer.isRead(by: $0) }))
    }
    self.columns = columns
  }

  /// How many maps are measured for a target.
  public var mapsPerTarget: Int { columns.reduce(0) { $0 + $1.methods.count } }

  /// The measures of all maps of a picture.
  ///
  /// - Parameter progress: told before each map which one is next.
  /// - Throws: `RunError`, ``TargetError``, ``MethodError``; `CancellationError` where the task was cancelled.
  public func records(
    of picture: EvaluationCase, progress: (_ method: String) -> Void = { _ in }
  ) throws -> [EvaluationRecord] {
    let logits = try model.outputs(for: picture.input)[0].scalars
    var records = [EvaluationRecord]()
    for target in try picture.scoreTargets(of: model, logits: logits) {
      for (explainer, methods) in columns {
        for method in methods {
          progress(method.title)
          let (explanation, cost) = try Cost.measured { try explainer.explain(picture.input, by: method, target) }
          var record = EvaluationRecord(explanation, picture: picture.name)
          try measure(explanation, cost, of: picture, target) { input in
            try explainer.explain(input, by: method, target).heatmap
          } add: {
            record.add($0, $1)
          }
          records.append(record)
        }
      }
    }
    return records
  }

  private func measure(
    _ explanation: Explanation, _ cost: Cost, of picture: EvaluationCase, _ target: ScoreTarget,
    explain: (Tensor) throws -> Tensor, add: (MeasureDescription, Float) -> Void
  ) throws {
    let (map, input) = (explanation.heatmap, picture.input)
    let scorer = Scorer(model, score: target.confidence(outputs: model.outputs))
    if groups.contains(.localization), let object = picture.object(for: target) {
      let laid = map.laid(over: picture.size, covering: picture.visible)
      let pointing = PointingGame(laid, object.region)
      add(PointingGame.inside, pointing.isInside ? 1 : 0)
      add(PointingGame.near, pointing.isNear ? 1 : 0)
      add(MaskEnergy.description, MaskEnergy.share(laid, object.region))
      add(RelevanceRank.description, RelevanceRank.accuracy(laid, object.region))
      add(BoxOverlap.description, BoxOverlap.intersectionOverUnion(laid, object.box))
    }
    if groups.contains(.curves) {
      add(Insertion.description, try Insertion(steps: steps)(map, input: input, scorer).area)
      add(Deletion.description, try Deletion(steps: steps)(map, input: input, scorer).area)
    }
    if groups.contains(.road) {
      let road = try ROAD()(map, input: input, scorer)
      add(ROAD.combined, road.combined)
      add(ROAD.mostRelevantFirst, road.mostRelevantFirst)
      add(ROAD.leastRelevantFirst, road.leastRelevantFirst)
    }
    if groups.contains(.confidence) {
      let adcc = try ADCC(map, input: input, scorer, explain: explain)
      add(ADCC.description, adcc.value)
      add(ADCC.coherency, adcc.coherency)
      add(ADCC.complexity, adcc.complexity)
      add(ConfidenceChange.drop, adcc.change.drop)
      add(ConfidenceChange.increase, adcc.change.isIncrease ? 1 : 0)
    }
    if groups.contains(.cost) {
      add(Cost.time, Float(cost.duration / .microseconds(1)) / 1000)
      if let memory = cost.peakMemory { add(Cost.memory, Float(memory) / 1e6) }
      add(Cost.forward, Float(cost.runs.forward))
      add(Cost.tail, Float(cost.runs.tail))
      add(Cost.backward, Float(cost.runs.backward))
    }
  }

  /// Whether maps notice that the model becomes random, for all maps of some pictures. Heatmaps of all of them are kept
  /// meanwhile, so a few pictures do.
  ///
  /// - Parameter progress: told before each step of the cascade which module becomes random.
  /// - Throws: what ``records(of:progress:)`` throws, and what loading a model throws.
  public func sanity(
    of pictures: [EvaluationCase], _ randomization: ParameterRandomization,
    progress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
  ) throws -> [EvaluationRecord] {
    var records = [EvaluationRecord]()
    var maps = [Tensor]()
    try forEachMap(of: pictures, columns.map(\.explainer)) { picture, explanation in
      records.append(EvaluationRecord(explanation, picture: picture.name))
      maps.append(explanation.heatmap)
    }
    var sums = [(spearman: Float, similarity: Float)](repeating: (0, 0), count: maps.count)
    for index in randomization.counts.indices {
      progress(index, randomization.counts.count)
      let random = try randomization.step(index).model
      let explainers = try columns.map { try $0.explainer.explaining(random) }
      var place = 0
      try forEachMap(of: pictures, explainers) { _, explanation in
        sums[place].spearman += Correlation.spearman(maps[place].scalars, explanation.heatmap.scalars)
        sums[place].similarity += StructuralSimilarity()(maps[place], explanation.heatmap)
        place += 1
      }
    }
    let count = Float(randomization.counts.count)
    for place in records.indices {
      records[place].add(ParameterRandomization.spearman, sums[place].spearman / count)
      records[place].add(ParameterRandomization.similarity, sums[place].similarity / count)
    }
    return records
  }

  /// Explains all pictures with other explainers at the same layers. The targets are those that the trained model suggests.
  private func forEachMap(
    of pictures: [EvaluationCase], _ explainers: [Explainer], _ body: (EvaluationCase, Explanation) -> Void
  ) throws {
    for picture in pictures {
      let logits = try model.outputs(for: picture.input)[0].scalars
      for target in try picture.scoreTargets(of: model, logits: logits) {
        for (explainer, column) in zip(explainers, columns) {
          for method in column.methods { body(picture, try explainer.explain(picture.input, by: method, target)) }
        }
      }
    }
  }
}

extension Explainer {
  /// One picture's map by one method.
  func explain(_ input: Tensor, by method: any ExplanationMethod, _ target: ScoreTarget) throws -> Explanation {
    try explain(input, methods: [method]) { _, _ in [target] }.explanations[0][0]
  }

  /// The same explainer of another model of the architecture.
  fileprivate func explaining(_ model: Model) throws -> Explainer {
    try Explainer(model, layers: looksAtChosenLayers ? layerNames.map { LayerPath($0) } : [], reshape: reshape)
  }

  /// Whether a method's map depends on the layers.
  fileprivate func isRead(by method: any ExplanationMethod) -> Bool {
    method.needs.readLayers || (try? method.nodes(for: self).contains(where: layers.contains)) ?? false
  }
}
