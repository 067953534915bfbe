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
  /// Its probability; nil for a single output that is none.
  public let probability: Float?

  /// The class in a word or two: the first name of its label, or `class 3` where that is not known.
  public var title: String { Self.title(of: index, label: label) }

  static func title(of index: Int, label: String?) -> String {
    label.map { String($0.prefix { $0 != "," }) } ?? "class \(index)"
  }

  /// The classes that score highest, best first.
  public static func best(
    _ count: Int, of logits: [Float], labels: [String]? = nil, outputs: OutputKind = .logits
  ) -> [Prediction] {
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    let probabilities = probabilities(of: logits, outputs: outputs)
    return order.prefix(count).map { index in
      Prediction(
        index: index, label: labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }, logit: logits[index],
        probability: probabilities?[index])
    }
  }

  /// Every class's probability: its share after softmax, or the output itself where it is one; nil for a single output
  /// that is none, and for an embedding.
  public static func probabilities(of logits: [Float], outputs: OutputKind = .logits) -> [Float]? {
    switch outputs {
    case .probabilities: logits
    case .embedding: nil
    case .logits: logits.count > 1 ? softmax(logits) : nil
    }
  }
}
