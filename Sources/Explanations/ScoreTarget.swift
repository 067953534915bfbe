import Tensors

/// The scalar that is explained, as a function of a model's outputs for one picture, with its gradient.
///
/// It is a value with a closure inside; a target of one's own is one line:
///
///     ScoreTarget("sum") { logits in (logits.reduce(0, +), [Float](repeating: 1, count: logits.count)) }
///
/// Those that are built in are ``logit(_:)``, ``probability(_:)``, ``logOdds(_:)``, ``sigmoid(_:)``, ``output(_:)``,
/// ``contrast(_:_:)``, ``counterfactual(_:)`` and ``similarity(to:named:)``.
public struct ScoreTarget: Sendable, CustomStringConvertible {
  /// What it is, for people: `logit 243`.
  public let description: String
  /// The class it is about, where it is about one.
  public let classIndex: Int?
  /// Whether it is the plain score of that class, before softmax.
  public let isLogit: Bool
  private let evaluate: @Sendable ([Float]) -> (score: Float, gradient: [Float])
  private let naming: @Sendable (_ nameOfClass: (Int) -> String) -> String

  /// A target of one's own: from the outputs for one picture to the scalar and its gradient, one value for each output.
  public init(
    _ description: String, classIndex: Int? = nil,
    _ evaluate: @escaping @Sendable (_ logits: [Float]) -> (score: Float, gradient: [Float])
  ) {
    self.init(description, class: classIndex, named: { _ in description }, evaluate)
  }

  /// A target of a class, whose title names it.
  init(
    _ description: String, class index: Int?, isLogit: Bool = false,
    named naming: @escaping @Sendable ((Int) -> String) -> String,
    _ evaluate: @escaping @Sendable ([Float]) -> (score: Float, gradient: [Float])
  ) {
    self.description = description
    classIndex = index
    self.isLogit = isLogit
    self.naming = naming
    self.evaluate = evaluate
  }

  /// What it is, with the classes by name: `tabby`, `probability of tabby`, `tabby rather than fox`; `class 243` where the
  /// name is not known. Of a label that lists several names the first one is taken.
  public func title(labels: [String]?) -> String {
    naming { index in
      Prediction.title(of: index, label: Prediction.label(of: index, in: labels))
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
