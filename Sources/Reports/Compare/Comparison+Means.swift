import Explanations
import Tensors

extension Comparison {
  /// The mean agreement of a model's maps with those of the others by the same method.
  private static let agreement = MeasureDescription(
    "agreement", better: .higher, "mean of Spearman's rank correlation with the other models' maps by the same method")
  /// How long a map took.
  private static let time = MeasureDescription(
    "ms", better: .lower, "milliseconds of forward, gradients and map, for all targets of a picture together")

  /// Computes the agreement of models, and the means of all measures.
  mutating func summarize(measures: [MeasureDescription]) {
    for place in cases.indices {
      cases[place].agreement = methods.flatMap { cases[place].agreement(by: $0, of: models.map(\.name)) }
    }
    agreement = methods.flatMap { method in meanAgreement(by: method) }
    let found = methods.flatMap { method in models.compactMap { mean(of: $0.name, by: method, measures) } }
    means = models.flatMap { model in found.filter { $0.model == model.name } }
    let known = Set(means.flatMap(\.measures.keys))
    self.measures = (measures + [Self.agreement, Self.time]).filter { known.contains($0.name) }.map { MeasureNote($0) }
  }

  private func mean(of model: String, by method: String, _ measures: [MeasureDescription]) -> ComparedMean? {
    let maps = cases.flatMap(\.maps).filter { $0.model == model && $0.explanation.method == method }
    guard !maps.isEmpty else { return nil }
    var values = [String: Float]()
    for measure in measures { values[measure.name] = maps.compactMap { $0.measures[measure.name] }.mean }
    values[Self.agreement.name] =
      cases.flatMap(\.agreement).filter { $0.method == method && $0.models.contains(model) }.map(\.spearman).mean
    values[Self.time.name] = maps.compactMap(\.milliseconds).map { Float($0) }.mean
    return ComparedMean(model: model, method: method, maps: maps.count, measures: values)
  }

  private func meanAgreement(by method: String) -> [ModelAgreement] {
    let names = models.map(\.name)
    return names.indices.flatMap { first in
      names[(first + 1)...].compactMap { second in
        let found = cases.flatMap(\.agreement).filter { $0.method == method && $0.models == [names[first], second] }
        guard let spearman = found.map(\.spearman).mean, let overlap = found.map(\.overlap).mean,
          let ssim = found.map(\.ssim).mean
        else { return nil }
        return ModelAgreement(
          models: [names[first], second], method: method, spearman: spearman, overlap: overlap, ssim: ssim)
      }
    }
  }
}

extension ComparedCase {
  /// How far each two models agree by a method.
  fileprivate func agreement(by method: String, of models: [String]) -> [ModelAgreement] {
    let planes = models.map { model in
      maps.first { $0.model == model && $0.explanation.method == method }?.plane
    }
    let pairs = models.indices.flatMap { first in models.indices.dropFirst(first + 1).map { (first, $0) } }
    return pairs.compactMap { first, second in
      guard let one = planes[first], let other = planes[second], let found = one.agreement(with: other) else {
        return nil
      }
      return ModelAgreement(
        models: [models[first], models[second]], method: method, spearman: found.spearman, overlap: found.overlap,
        ssim: found.similarity)
    }
  }
}

extension [Float] {
  /// The mean; nil of nothing.
  var mean: Float? { isEmpty ? nil : Float(reduce(0) { $0 + Double($1) } / Double(count)) }
}
