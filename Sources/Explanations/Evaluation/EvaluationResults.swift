/// All that an evaluation measured of a model.
public struct EvaluationResults: Sendable {
  /// The model's name.
  public let model: String
  /// The measures, in the order of tables, with their variants.
  public let measures: [MeasureDescription]
  /// What was measured, map by map.
  public private(set) var records: [EvaluationRecord] = []
  private var places: [EvaluationRecord.Key: Int] = [:]

  /// Nothing is measured yet.
  public init(_ evaluation: Evaluation) {
    model = evaluation.model.name
    let steps = evaluation.steps.map(String.init) ?? "\(evaluation.model.imageSize.width)"
    measures = MeasureGroup.allCases.filter(evaluation.groups.contains).flatMap { group in
      group == .curves
        ? group.measures.map { MeasureDescription($0.name, better: $0.better, "\($0.variant), \(steps) steps") }
        : group.measures
    }
  }

  /// Adds what was measured; a map that is known takes over the new measures.
  public mutating func add(_ more: [EvaluationRecord]) {
    for record in more {
      if let place = places[record.key] {
        records[place].add(record)
      } else {
        places[record.key] = records.count
        records.append(record)
      }
    }
  }

  /// The means of each method at each layer, the best first.
  public var summaries: [EvaluationSummary] {
    struct Row: Hashable {
      let method, layer: String
    }
    let rows = Dictionary(grouping: records) { Row(method: $0.key.method, layer: $0.key.layer) }
    let summaries = rows.map { row, records in
      var values = [String: Float]()
      for measure in measures {
        let known = records.compactMap { $0.values[measure.name] }
        if !known.isEmpty { values[measure.name] = known.reduce(0, +) / Float(known.count) }
      }
      return EvaluationSummary(method: row.method, layer: row.layer, count: records.count, values: values)
    }
    return summaries.sorted { a, b in
      let (x, y) = (headline(a), headline(b))
      if let difference = zip(x, y).first(where: { $0 != $1 }) { return difference.0 > difference.1 }
      return (a.method, a.layer) < (b.method, b.layer)
    }
  }

  /// What summaries are ordered by: pointing and energy where objects are marked, else insertion − deletion, else ROAD.
  public func headline(_ summary: EvaluationSummary) -> [Float] {
    if let pointing = summary.values[PointingGame.inside.name] {
      return [pointing, summary.values[MaskEnergy.description.name] ?? 0]
    }
    if let insertion = summary.values[Insertion.description.name],
      let deletion = summary.values[Deletion.description.name]
    {
      return [insertion - deletion]
    }
    return [summary.values[ROAD.combined.name] ?? summary.values[ADCC.description.name] ?? 0]
  }

  /// What ``headline(_:)`` orders by, in words.
  public var headlineName: String {
    let names = Set(measures.map(\.name))
    if names.contains(PointingGame.inside.name), records.contains(where: { $0.values[PointingGame.inside.name] != nil })
    {
      return "pointing"
    }
    return names.contains(Insertion.description.name)
      ? "insertion - deletion" : names.contains("road") ? "road" : "adcc"
  }

  /// The methods at layers that are no better than the best baseline by the headline's first number.
  public var failures: [EvaluationSummary] {
    let all = summaries
    guard let bar = all.filter(\.isBaseline).map({ headline($0)[0] }).max() else { return [] }
    return all.filter { !$0.isBaseline && headline($0)[0] <= bar }
  }
}
