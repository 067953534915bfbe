import Architectures
import Tensors

/// A class and how much a model believes in it.
public struct Prediction: Sendable, Equatable {
  /// The number of the class.
  public let index: Int
  /// Its name, where it is known.
  public let label: String?
  /// Its score.
  public let logit: Float
  /// Its probability; nil for a single output that is none, and for scores of places or boxes.
  public let probability: Float?
  /// Of a segmentation: the share of the picture where this class wins.
  public let area: Float?

  /// The class in a word or two: the first name of its label, or `class 3` where that is not known.
  public var title: String { Self.title(of: index, label: label) }

  /// The name of a class, where it is known.
  static func label(of index: Int, in labels: [String]?) -> String? {
    labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }
  }

  static func title(of index: Int, label: String?) -> String {
    label.map { String($0.prefix { $0 != "," }) } ?? "class \(index)"
  }

  /// The classes that score highest, best first; of a segmentation those that win somewhere, by how much of the picture is
  /// theirs, of a detector by the score of their best box.
  public static func best(
    _ count: Int, of logits: [Float], labels: [String]? = nil, outputs: OutputKind = .logits
  ) -> [Prediction] {
    switch outputs {
    case .scoreMap(let map): return best(count, of: map, map.winners(in: logits), logits, labels: labels)
    case .boxes(let boxes): return best(count, of: boxes.bestScores(in: logits), labels: labels, outputs: .embedding)
    case .logits, .probabilities, .embedding: break
    }
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    let probabilities = probabilities(of: logits, outputs: outputs)
    return order.prefix(count).map { index in
      Prediction(
        index: index, label: label(of: index, in: labels), logit: logits[index], probability: probabilities?[index],
        area: nil)
    }
  }

  /// The classes that win at most places, with their mean score there.
  static func best(
    _ count: Int, of map: ScoreMap, _ winners: [Int?], _ outputs: [Float], labels: [String]?
  ) -> [Prediction] {
    var (places, sums) = ([Int](repeating: 0, count: map.classCount), [Float](repeating: 0, count: map.classCount))
    for (place, winner) in winners.enumerated() {
      guard let winner else { continue }
      places[winner] += 1
      sums[winner] += outputs[map.index(ofClass: winner, at: place)]
    }
    let order = places.indices.filter { places[$0] > 0 }.sorted { (places[$1], $0) < (places[$0], $1) }
    return order.prefix(count).map { index in
      Prediction(
        index: index, label: label(of: index, in: labels),
        logit: sums[index] / Float(places[index]), probability: nil,
        area: Float(places[index]) / Float(map.grid.count))
    }
  }

  /// Every class's probability: its share after softmax, or the output itself where it is one; nil for a single output
  /// that is none, and for outputs that are no scores of the picture.
  public static func probabilities(of logits: [Float], outputs: OutputKind = .logits) -> [Float]? {
    switch outputs {
    case .probabilities: logits
    case .embedding, .scoreMap, .boxes: nil
    case .logits: logits.count > 1 ? softmax(logits) : nil
    }
  }
}
