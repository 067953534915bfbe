import Architectures
import LayerGraph

/// What to explain, as the command line writes it; it becomes targets once a picture's outputs are known.
///
/// | text | meaning |
/// |---|---|
/// | `243`, `tabby` | the score of a class, by number or by label |
/// | `top`, `top5` | the classes that score highest |
/// | `p:243` | the probability of a class |
/// | `281-243` | why the first class rather than the second |
public struct TargetSpecification: Sendable, Equatable {
  private enum Kind: Sendable, Equatable {
    case best(Int)
    case logit(Int)
    case probability(Int)
    case contrast(Int, Int)
  }

  private let kind: Kind

  /// The highest-scoring class.
  public static let top = TargetSpecification(kind: .best(1))

  private init(kind: Kind) {
    self.kind = kind
  }

  /// A target from its text.
  ///
  /// - Parameters:
  ///   - text: see the table above.
  ///   - classCount: the number of classes of the model.
  ///   - labels: their names, where they are known.
  ///   - outputs: what the model's outputs are; where they are probabilities, `p:243` is the output.
  /// - Throws: ``TargetError`` where there is no such class.
  public init(
    parsing text: String, classCount: Int, labels: [String]? = nil, outputs: OutputKind = .logits
  ) throws(TargetError) {
    let classes = ClassNames(count: classCount, labels: labels)
    if text == "top" {
      kind = .best(1)
    } else if text.hasPrefix("top"), let count = Int(text.dropFirst(3)), count > 0 {
      kind = .best(min(count, classCount))
    } else if let index = try classes.index(of: text) {
      kind = .logit(index)
    } else if text.hasPrefix("p:"), let index = try classes.index(of: String(text.dropFirst(2))) {
      kind = outputs == .logits ? .probability(index) : .logit(index)
    } else if let pair = try classes.pair(text) {
      kind = .contrast(pair.0, pair.1)
    } else {
      throw TargetError("target '\(text)': \(classes.advice(text))")
    }
  }

  /// How many targets it becomes for each picture.
  public var count: Int {
    if case .best(let count) = kind { count } else { 1 }
  }

  /// The targets for one picture, given the model's outputs for it.
  public func targets(logits: [Float]) -> [ScoreTarget] {
    switch kind {
    case .best(let count): Prediction.best(count, of: logits).map { .logit($0.index) }
    case .logit(let index): [.logit(index)]
    case .probability(let index): [.probability(index)]
    case .contrast(let a, let b): [.contrast(a, b)]
    }
  }
}

/// The classes of a model by number and by label.
private struct ClassNames {
  let count: Int
  let labels: [String]?

  /// The class of a number or label; nil where the text is neither.
  func index(of text: String) throws(TargetError) -> Int? {
    if let labels, let exact = labels.firstIndex(where: { $0.lowercased() == text.lowercased() }) { return exact }
    if let number = Int(text) {
      guard (0..<count).contains(number) else {
        throw TargetError("target \(number): the model has \(count) classes, 0 to \(count - 1)")
      }
      return number
    }
    // A label file may list several names for a class: `tabby, tabby cat`.
    let wanted = text.lowercased()
    let found = (labels ?? []).indices.filter { index in
      (labels ?? [])[index].lowercased().split(separator: ",").contains { $0.drop(while: { $0 == " " }) == wanted }
    }
    return found.count == 1 ? found[0] : nil
  }

  /// Two classes with a hyphen between them, which their labels may contain too.
  func pair(_ text: String) throws(TargetError) -> (Int, Int)? {
    for hyphen in text.indices where text[hyphen] == "-" {
      let (first, second) = (String(text[..<hyphen]), String(text[text.index(after: hyphen)...]))
      guard !first.isEmpty, !second.isEmpty, let a = try index(of: first), let b = try index(of: second) else {
        continue
      }
      return (a, b)
    }
    return nil
  }

  func advice(_ text: String) -> String {
    guard let labels else {
      return "expected a class from 0 to \(count - 1), top, top5, p:CLASS or CLASS-CLASS; labels need --labels FILE"
    }
    return "no such label; near it: \(nearest(to: text, among: labels).joined(separator: ", "))"
  }
}
