import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The scalar that is explained, as a function of a model's outputs for one picture, with its gradient.
///
/// It is a value with a closure inside; a target of one's own is one line:
///
///     ScoreTarget("sum") { logits in (logits.reduce(0, +), [Float](repeating: 1, count: logits.count)) }
public struct ScoreTarget: Sendable, CustomStringConvertible {
  /// What it is, for people: `logit 243`.
  public let description: String
  /// The class it is about, where it is about one.
  public let classIndex: Int?
  private let evaluate: @Sendable ([Float]) -> (score: Float, gradient: [Float])
  private let naming: @Sendable (_ nameOfClass: (Int) -> String) -> String

  /// A target of one's own: from the outputs for one picture to the scalar and its gradient, one value for each output.
  public init(
    _ description: String, classIndex: Int? = nil,
    _ evaluate: @escaping @Sendable (_ logits: [Float]) -> (score: Float, gradient: [Float])
  ) {
    self.init(description, class: classIndex, named: { _ in description }, evaluate)
  }

  private init(
    _ description: String, class index: Int?, named naming: @escaping @Sendable ((Int) -> String) -> String,
    _ evaluate: @escaping @Sendable ([Float]) -> (score: Float, gradient: [Float])
  ) {
    self.description = description
    classIndex = index
    self.naming = naming
    self.evaluate = evaluate
  }

  /// What it is, with the classes by name: `tabby`, `probability of tabby`, `tabby rather than fox`; `class 243` where the
  /// name is not known. Of a label that lists several names the first one is taken.
  public func title(labels: [String]?) -> String {
    naming { index in
      guard let labels, labels.indices.contains(index) else { return "class \(index)" }
      return String(labels[index].prefix { $0 != "," })
    }
  }

  /// The scalar and its gradient for one picture's outputs.
  ///
  /// - Throws: ``TargetError`` where the class does not exist or the gradient has another length.
  public func callAsFunction(_ logits: [Float]) throws(TargetError) -> (score: Float, gradient: [Float]) {
    if let classIndex, !logits.indices.contains(classIndex) {
      throw TargetError("target \(classIndex): the model has \(logits.count) classes, 0 to \(logits.count - 1)")
    }
    let (score, gradient) = evaluate(logits)
    guard gradient.count == logits.count else {
      throw TargetError(
        "target '\(description)': expected a gradient of \(logits.count) values, found \(gradient.count)")
    }
    return (score, gradient)
  }

  /// The score of a class before softmax; for a regression model, an output.
  public static func logit(_ index: Int) -> ScoreTarget {
    ScoreTarget("logit \(index)", class: index, named: { $0(index) }) { logits in
      (logits[index], logits.indices.map { $0 == index ? 1 : 0 })
    }
  }

  /// The probability of a class, after softmax: also asks what speaks against the other classes.
  public static func probability(_ index: Int) -> ScoreTarget {
    ScoreTarget("probability of \(index)", class: index, named: { "probability of \($0(index))" }) { logits in
      let probabilities = softmax(logits)
      let p = probabilities[index]
      return (p, probabilities.enumerated().map { $0 == index ? p * (1 - p) : -p * $1 })
    }
  }

  /// Why one class rather than another: the difference of their scores.
  public static func contrast(_ index: Int, _ other: Int) -> ScoreTarget {
    ScoreTarget(
      "logit \(index) - logit \(other)", class: index, named: { "\($0(index)) rather than \($0(other))" }
    ) { logits in
      guard logits.indices.contains(other) else { return (0, []) }
      var gradient = [Float](repeating: 0, count: logits.count)
      gradient[index] += 1
      gradient[other] -= 1
      return (logits[index] - logits[other], gradient)
    }
  }
}

/// A target that a model cannot be asked for.
public struct TargetError: Error, Equatable, CustomStringConvertible {
  /// One line: the target, what was expected and what was found.
  public let description: String

  /// An error of one line.
  public init(_ description: String) {
    self.description = description
  }
}

/// exp(z) / Σ exp(z).
func softmax(_ logits: [Float]) -> [Float] {
  let largest = logits.max() ?? 0
  let powers = logits.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
