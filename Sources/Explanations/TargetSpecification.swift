import Architectures
import Images
import LayerGraph
import Tensors

/// What to explain, as the command line writes it; it becomes targets once a picture's outputs are known.
///
/// | text | meaning |
/// |---|---|
/// | `243`, `tabby` | the score of a class, by number or by label |
/// | `top`, `top5` | the classes that score highest |
/// | `p:243` | the probability of a class, after softmax |
/// | `odds:243` | its log-odds, log p / (1 − p) |
/// | `sigmoid:3` | its probability in a model whose classes do not exclude each other |
/// | `281-243` | why the first class rather than the second |
/// | `not:243` | why not this class: its negative score |
/// | `out:0` | an output that is no class, of a regression |
/// | `like:b.png`, `like:b.npy` | the similarity of the outputs to those for another picture, or to an embedding |
/// | `road`, `road@all` | of a segmentation: the scores of a class, summed over where it wins, or everywhere |
/// | `road@mask.png`, `road@120,80` | summed over where a mask is white; at a pixel of the picture, by column and row |
/// | `dog@box:2` | of a dense detector: the score of a class for its second best box; `dog` is that for its best one |
public struct TargetSpecification: Sendable, Equatable {
  private enum Kind: Sendable, Equatable {
    case best(Int)
    case logit(Int)
    case probability(Int)
    case logOdds(Int)
    case sigmoid(Int)
    case output(Int)
    case contrast(Int, Int)
    case counterfactual(Int)
    case similarity([Float], String)
    case places(Int, TargetPlaces)
    case box(Int, rank: Int)
  }

  private let kind: Kind

  /// The highest-scoring class.
  public static let top = TargetSpecification(kind: .best(1))

  private init(kind: Kind) {
    self.kind = kind
  }

  /// The score of a class.
  public static func logit(_ index: Int) -> TargetSpecification { TargetSpecification(kind: .logit(index)) }

  /// A target from its text.
  ///
  /// - Parameters:
  ///   - text: see the table above, `like:` excepted, which needs a model.
  ///   - classCount: the number of classes of the model.
  ///   - labels: their names, where they are known.
  ///   - outputs: what the model's outputs are; where they are probabilities, `p:243` is the output.
  /// - Throws: ``TargetError`` where there is no such class; what reading a mask throws.
  public init(
    parsing text: String, classCount: Int, labels: [String]? = nil, outputs: OutputKind = .logits
  ) throws {
    let classes = ClassNames(count: classCount, labels: labels)
    if outputs == .embedding, text.hasPrefix("top") {
      throw TargetError(
        "target '\(text)': the model has no classifier, its \(classCount) outputs are an embedding; name a picture or an "
          + "embedding that it is like, such as --target like:other.png")
    } else if text == "top" {
      kind = .best(1)
    } else if text.hasPrefix("top"), let count = Int(text.dropFirst(3)), count > 0 {
      kind = .best(min(count, classCount))
    } else if let index = try classes.index(of: text) {
      kind = .logit(index)
    } else if let located = try Self.located(text, classes, outputs) {
      kind = located
    } else if !outputs.areScoresOfClasses {
      throw TargetError(
        "target '\(text)': of a model whose outputs are \(outputs.described), expected top, top3, a class, or "
          + (outputs.areScoresOfPlaces ? "CLASS@all, CLASS@COLUMN,ROW or CLASS@MASK.png" : "CLASS@box:N")
          + "; \(classes.advice(text))")
    } else if let named = try Self.prefixed(text, classes, outputs) {
      kind = named
    } else if let pair = try classes.pair(text) {
      kind = .contrast(pair.0, pair.1)
    } else {
      throw TargetError("target '\(text)': \(classes.advice(text))")
    }
  }

  /// A class with a place behind an `@`; nil where the text has no such sign behind the name of a class.
  private static func located(_ text: String, _ classes: ClassNames, _ outputs: OutputKind) throws -> Kind? {
    guard let sign = text.lastIndex(of: "@"), let index = try classes.index(of: String(text[..<sign])) else {
      return nil
    }
    let place = text[text.index(after: sign)...]
    switch outputs {
    case .scoreMap:
      return .places(index, try TargetPlaces(parsing: place, of: text))
    case .boxes(let boxes):
      guard place.hasPrefix("box:"), let rank = Int(place.dropFirst(4)), (1...boxes.count).contains(rank) else {
        throw TargetError("target '\(text)': behind @ expected box:N, N from 1 to \(boxes.count); found '\(place)'")
      }
      return .box(index, rank: rank)
    case .logits, .probabilities, .embedding:
      throw TargetError("target '\(text)': the model scores pictures, not places of them; leave out @\(place)")
    }
  }

  /// What a word before a colon makes of a class; nil where the text has none or names no class.
  private static func prefixed(_ text: String, _ classes: ClassNames, _ outputs: OutputKind) throws(TargetError)
    -> Kind?
  {
    guard let colon = text.firstIndex(of: ":"),
      let index = try classes.index(of: String(text[text.index(after: colon)...]))
    else { return nil }
    return switch text[..<colon] {
    case "p": outputs == .probabilities ? .logit(index) : .probability(index)
    case "odds": .logOdds(index)
    case "sigmoid": outputs == .probabilities ? .logit(index) : .sigmoid(index)
    case "not": .counterfactual(index)
    case "out": .output(index)
    default: nil
    }
  }

  /// A target of a model from its text.
  ///
  /// - Parameters:
  ///   - text: see the table above.
  ///   - model: whose classes are meant, and whose outputs are compared.
  ///   - prepare: what a picture after `like:` goes through; the model's preprocessing where left out.
  /// - Throws: ``TargetError`` where there is no such class, or no such embedding.
  public init(parsing text: String, for model: Model, prepare: ((Image) throws -> Tensor)? = nil) throws {
    guard text.hasPrefix("like:") else {
      try self.init(
        parsing: text, classCount: model.classCount, labels: model.labels, outputs: model.outputs)
      return
    }
    let path = String(text.dropFirst(5))
    let embedding: [Float]
    if path.lowercased().hasSuffix(".npy") {
      embedding = try Tensor(npy: path).scalars
    } else {
      let image = try Image(contentsOf: path)
      embedding = try model.outputs(for: prepare?(image) ?? model.preprocessing(image)).scalars
    }
    guard embedding.count == model.outputCount else {
      throw TargetError(
        "target '\(text)': expected \(model.outputCount) values, as many as the model has outputs, found \(embedding.count)"
      )
    }
    guard embedding.allSatisfy(\.isFinite), embedding.contains(where: { $0 != 0 }) else {
      throw TargetError("target '\(text)': an embedding has to be finite, and not all 0")
    }
    self.init(kind: .similarity(embedding, path.split(separator: "/").last.map(String.init) ?? path))
  }

  /// How many targets it becomes for each picture.
  public var count: Int {
    if case .best(let count) = kind { count } else { 1 }
  }

  /// The targets for one picture, given a model's outputs for it.
  ///
  /// - Parameters:
  ///   - logits: the model's outputs for the picture.
  ///   - outputs: what these are.
  ///   - frame: the picture, of which masks and pixels are.
  /// - Throws: ``TargetError`` where the class or the place is not to be seen in this picture.
  public func targets(logits: [Float], outputs: OutputKind = .logits, in frame: PictureFrame) throws(TargetError)
    -> [ScoreTarget]
  {
    switch (outputs, kind) {
    case (.scoreMap(let map), .best(let count)):
      let winners = map.winners(in: logits)
      return Prediction.best(count, of: map, winners, logits, labels: nil).map { best in
        .sum(ofClass: best.index, map, at: map.places(of: best.index, among: winners))
      }
    case (.scoreMap(let map), .logit(let index)):
      return [try TargetPlaces.won.target(ofClass: index, map, outputs: logits, in: frame)]
    case (.scoreMap(let map), .places(let index, let places)):
      return [try places.target(ofClass: index, map, outputs: logits, in: frame)]
    case (.boxes(let boxes), .best(let count)):
      return Prediction.best(count, of: logits, outputs: outputs).flatMap {
        boxes.targets(1, ofClass: $0.index, logits)
      }
    case (.boxes(let boxes), .logit(let index)):
      return boxes.targets(1, ofClass: index, logits)
    case (.boxes(let boxes), .box(let index, let rank)):
      return boxes.targets(rank, ofClass: index, logits).suffix(1)
    default:
      return targets(logits: logits)
    }
  }

  /// The targets of a model that scores classes, given its outputs for one picture.
  private func targets(logits: [Float]) -> [ScoreTarget] {
    switch kind {
    case .best(let count): Prediction.best(count, of: logits).map { .logit($0.index) }
    case .logit(let index): [.logit(index)]
    case .places, .box: []
    case .probability(let index): [.probability(index)]
    case .logOdds(let index): [.logOdds(index)]
    case .sigmoid(let index): [.sigmoid(index)]
    case .output(let index): [.output(index)]
    case .contrast(let a, let b): [.contrast(a, b)]
    case .counterfactual(let index): [.counterfactual(index)]
    case .similarity(let embedding, let name): [.similarity(to: embedding, named: name)]
    }
  }
}

extension Model {
  /// The outputs for a batch of preprocessed pictures, B×classes; of a model without a classifier, its embeddings.
  ///
  /// - Parameter input: B×3×H×W.
  /// - Throws: `RunError` where the input's shape is not the model's.
  public func outputs(for input: Tensor) throws(RunError) -> Tensor {
    let graph = plans.plan().graph
    guard let outputs = try graph.run(input, keeping: .only([graph.output]))[graph.output] else {
      preconditionFailure("the run kept its output")
    }
    return outputs
  }
}
