import Images
import LayerGraph
import Tensors

/// What a model's outputs are.
public enum OutputKind: Sendable, Equatable {
  /// Scores whose softmax gives the probabilities of classes that exclude each other.
  case logits
  /// Probabilities, one for each class, whatever the others are.
  case probabilities
  /// Features of a model without a classifier: an embedding of the picture, to be compared with others.
  case embedding
  /// Scores of classes at every place of a grid, as a segmentation gives them.
  case scoreMap(ScoreMap)
  /// Boxes, each with scores of classes, as a dense detector gives them.
  case boxes(ScoredBoxes)

  /// Whether each output is the score, the probability or a feature of the whole picture.
  public var areScoresOfClasses: Bool {
    switch self {
    case .logits, .probabilities, .embedding: true
    case .scoreMap, .boxes: false
    }
  }

  /// Whether they are scores of places, of a segmentation.
  public var areScoresOfPlaces: Bool {
    if case .scoreMap = self { true } else { false }
  }

  /// What they are, for messages: `scores of 21 classes at 224×224 places`.
  public var described: String {
    switch self {
    case .logits: "logits"
    case .probabilities: "probabilities"
    case .embedding: "an embedding"
    case .scoreMap(let map): "scores of \(map.classCount) classes at \(map.grid) places"
    case .boxes(let boxes): "\(boxes.count) boxes with scores of \(boxes.classCount) classes"
    }
  }

  /// The number of classes that outputs of this kind tell apart.
  ///
  /// - Parameter outputs: how many outputs there are.
  func classCount(of outputs: Int) -> Int {
    switch self {
    case .logits, .probabilities, .embedding: outputs
    case .scoreMap(let map): map.classCount
    case .boxes(let boxes): boxes.classCount
    }
  }
}

/// How the scores of a segmentation lie in a model's outputs.
public struct ScoreMap: Sendable, Equatable {
  /// The number of classes; 1 where there is something and everything else.
  public let classCount: Int
  /// The rows and columns.
  public let grid: ImageSize
  /// Whether the classes are the last axis, H×W×K, and not the first, K×H×W.
  let classesComeLast: Bool
  /// Of a single class the score above which a place belongs to it.
  let threshold: Float

  /// Where the score of a class at a place, counted row by row, is in the outputs.
  public func index(ofClass index: Int, at place: Int) -> Int {
    classesComeLast ? place * classCount + index : index * grid.count + place
  }

  /// The class that wins at each place, row by row; nil where none does.
  ///
  /// - Parameter outputs: the model's outputs for one picture.
  public func winners(in outputs: [Float]) -> [Int?] {
    (0..<grid.count).map { place in
      guard classCount > 1 else { return outputs[index(ofClass: 0, at: place)] > threshold ? 0 : nil }
      return (0..<classCount).max { outputs[index(ofClass: $0, at: place)] < outputs[index(ofClass: $1, at: place)] }
    }
  }
}

/// How the boxes of a dense detector lie in a model's outputs: each is four numbers and a score for each class.
public struct ScoredBoxes: Sendable, Equatable {
  /// The number of boxes.
  public let count: Int
  /// How many numbers a box has: four, the scores, and those of masks, for example.
  let width: Int
  /// The number of classes.
  public private(set) var classCount: Int
  /// Whether the boxes are the last axis, (4+K)×A, and not the first, A×(4+K).
  let boxesComeLast: Bool

  /// Boxes of `width` numbers, of which all but the first four are scores of classes.
  init(count: Int, width: Int, boxesComeLast: Bool) {
    self.count = count
    self.width = width
    self.boxesComeLast = boxesComeLast
    classCount = width - 4
  }

  /// The same boxes, where only so many of their numbers are scores of classes.
  func limited(toClasses count: Int) -> ScoredBoxes {
    var boxes = self
    boxes.classCount = min(classCount, max(1, count))
    return boxes
  }

  /// The score of each class for its best box.
  public func bestScores(in outputs: [Float]) -> [Float] {
    (0..<classCount).map { index in
      (0..<count).reduce(-.infinity) { max($0, outputs[self.index(ofClass: index, box: $1)]) }
    }
  }

  /// Where the score of a class for a box is in the outputs.
  public func index(ofClass index: Int, box: Int) -> Int {
    boxesComeLast ? (4 + index) * count + box : box * width + 4 + index
  }
}

extension OutputKind {
  /// What the outputs of a graph are, by their shape and by where they lie in the picture.
  ///
  /// - Parameter places: where in the picture the graph's results lie.
  init(_ graph: Graph, _ places: PlaceTable) {
    let shape = graph.nodes[graph.output].shape
    let layout = shape.rank > 1 ? FeatureLayout(places.places(of: graph.output), shape: shape) : nil
    let isEmbedding = graph.orderedNames.contains { name in
      graph.names[name] == graph.output && name.split(separator: ".").last == Model.embeddingName[...]
    }
    let extents = shape.extents
    if shape.rank == 3, extents[1] * extents[2] > 1 {
      let isLast = layout == .channelsLast
      let (rows, columns) = isLast ? (extents[0], extents[1]) : (extents[1], extents[2])
      self = .scoreMap(
        ScoreMap(
          classCount: isLast ? extents[2] : extents[0], grid: ImageSize(height: rows, width: columns),
          classesComeLast: isLast, threshold: graph.endsInSigmoid ? 0.5 : 0))
    } else if shape.rank == 2, layout == nil, let few = extents.min(), let many = extents.max(), few > 4,
      many > few
    {
      self = .boxes(ScoredBoxes(count: many, width: few, boxesComeLast: extents[1] == many))
    } else if isEmbedding || shape.rank > 1 && layout != nil {
      self = .embedding
    } else {
      self = graph.endsInSigmoid ? .probabilities : .logits
    }
  }
}
