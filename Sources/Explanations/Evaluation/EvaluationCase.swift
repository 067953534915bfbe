import Architectures
import Images
import LayerGraph
import Tensors

/// A picture of an evaluation: what is asked about it, and what is known of it.
public struct EvaluationCase: Sendable {
  /// The picture's name.
  public let name: String
  /// The preprocessed picture, 1×C×H×W.
  public let input: Tensor
  /// The picture's size, in whose pixels its objects are given.
  public let size: ImageSize
  /// The part of the picture that the model sees, see `Preprocessing.visibleRectangle(of:)`.
  public let visible: Rectangle
  /// The picture's size and what the model sees of it.
  public var frame: PictureFrame { PictureFrame(size: size, visible: visible) }
  /// What is explained.
  public let targets: [TargetSpecification]

  /// The objects that are marked, each with the class that its label names.
  private let objects: [(classIndex: Int?, object: AnnotatedObject)]

  /// A picture with its objects.
  ///
  /// - Parameters:
  ///   - name: the picture's name, for messages.
  ///   - image: the picture.
  ///   - preprocessing: what it goes through.
  ///   - model: whose classes the objects' labels are.
  ///   - objects: what is marked in it; nil where nobody marked anything.
  ///   - targets: what is explained. Where left out, the classes of the objects; the highest-scoring class for objects without
  ///     labels, and where nothing is marked.
  /// - Throws: `ImageError` where the picture has not the channels that the model takes; ``TargetError`` where no target is
  ///   given and no label of an object is a class of the model.
  public init(
    _ name: String, image: Image, preprocessing: Preprocessing, model: Model, objects: [AnnotatedObject]?,
    targets: [TargetSpecification] = []
  ) throws {
    self.name = name
    input = try preprocessing(image, of: name)
    size = image.size
    visible = preprocessing.visibleRectangle(of: image.size)
    let classes = ClassNames(count: model.classCount, labels: model.labels)
    self.objects = (objects ?? []).map { object in
      (object.label.flatMap { label in (try? classes.index(of: label)) ?? nil }, object)
    }
    self.targets =
      try targets.isEmpty ? Self.targets(for: self.objects, isMarked: objects != nil, name, classes) : targets
  }

  private static func targets(
    for objects: [(classIndex: Int?, object: AnnotatedObject)], isMarked: Bool, _ name: String, _ classes: ClassNames
  ) throws -> [TargetSpecification] {
    if !isMarked || objects.contains(where: { $0.object.label == nil }) { return [.top] }
    let found = Set(objects.compactMap(\.classIndex))
    if found.isEmpty, let label = objects.first?.object.label {
      throw TargetError(
        "\(name): no class of the model is called '\(label)'; name the class with --target, or the classes with --labels"
      )
    }
    return found.sorted().map { .logit($0) }
  }

  /// What is explained, given a model's outputs for the picture.
  ///
  /// - Throws: ``TargetError`` where a class or place is not to be seen in it.
  func scoreTargets(of model: Model, logits: [Float]) throws(TargetError) -> [ScoreTarget] {
    var found = [ScoreTarget]()
    for target in targets { found += try target.targets(logits: logits, outputs: model.outputs, in: frame) }
    return found
  }

  /// What of the picture a target is about: the objects of its class together, or all objects where no label is a class of
  /// the model; nil where there are none.
  public func object(for target: ScoreTarget) -> AnnotatedObject? {
    let isNamed = objects.contains { $0.classIndex != nil }
    let chosen = objects.filter { !isNamed || $0.classIndex == target.classIndex }.map(\.object)
    guard let first = chosen.first else { return nil }
    guard chosen.count > 1 else { return first }
    let region = chosen.dropFirst().reduce(first.region) { $0.union($1.region) }
    return AnnotatedObject(label: first.label, region: region)
  }
}
