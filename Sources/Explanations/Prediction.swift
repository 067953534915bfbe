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
  /// Its share after softmax; for a model with a single output, nil.
  public let probability: Float?

  /// The class in a word or two: the first name of its label, or `class 3` where that is not known.
  public var title: String { Self.title(of: index, label: label) }

  static func title(of index: Int, label: String?) -> String {
    label.map { String($0.prefix { $0 != "," }) } ?? "class \(index)"
  }

  /// The classes that score highest, best first.
  public static func best(_ count: Int, of logits: [Float], labels: [String]? = nil) -> [Prediction] {
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    let probabilities = probabilities(of: logits)
    return order.prefix(count).map { index in
      Prediction(
        index: index, label: labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }, logit: logits[index],
        probability: probabilities?[index])
    }
  }

  /// Every class's share after softmax; nil for a model with a single output.
  public static func probabilities(of logits: [Float]) -> [Float]? {
    logits.count > 1 ? softmax(logits) : nil
  }
}
