import Tensors
import Architectures
import Explanations
import Images
import LayerGraph
import ONNX

/// A model to compare, before it is loaded: `resnet50`, or `pvt_v2_b3=PVT_2.pkl` with the file of its weights.
public struct ModelChoice: Sendable, Equatable {
  /// A name of timm or torchvision.
  public let architecture: String
  /// The checkpoint; looked for by the architecture's name where nil, see `WeightsLocator`.
  public let weights: String?
  /// What it is called in the comparison.
  public internal(set) var name: String
  /// The layers to look at; the recommended one where empty.
  public var layers: [LayerPath] = []
  /// How their features become maps.
  public var reshape = "auto"

  /// A choice from its text.
  ///
  /// - Throws: ``UsageError`` where a name or a file is missing.
  public init(parsing text: String) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }) else {
      throw UsageError("'\(text)': expected an architecture, or ARCHITECTURE=FILE with its weights")
    }
    architecture = parts[0]
    weights = parts.count > 1 ? parts[1] : nil
    name = parts[0]
  }

  /// Several choices under names of their own: models of one architecture are told apart by their files.
  ///
  /// - Throws: ``UsageError`` where two are the same.
  public static func distinct(_ choices: [ModelChoice]) throws(UsageError) -> [ModelChoice] {
    var taken = Set<String>()
    var result = [ModelChoice]()
    for var choice in choices {
      let isAlone = choices.count { $0.architecture == choice.architecture } == 1
      if !isAlone, let weights = choice.weights { choice.name = "\(choice.architecture) \(Folder.stem(of: weights))" }
      guard taken.insert(choice.name).inserted else {
        throw UsageError("--arch \(choice.name): named twice; give each its weights, ARCHITECTURE=FILE")
      }
      result.append(choice)
    }
    return result
  }

  /// Loads the model.
  ///
  /// - Parameter labels: a file with class names, see `Labels`, for models whose checkpoint names no classes.
  /// - Throws: what `Model.load` and ``Explainer`` throw; `LabelsError` where the file does not fit a model without names.
  func load(labels: String?) throws -> (explainer: Explainer, weights: String) {
    // An exported model says itself what it is made of: NAME=model.onnx only names it.
    let isExported = weights.map(ONNXFile.isNamed) ?? false
    var (model, path) = try ReshapeTransform.Grid.load(for: reshape, at: layers, size: nil) { size in
      try Model.load(architecture: isExported ? nil : architecture, weights: weights, imageSize: size)
    }
    if let labels {
      do {
        model.labels = try Labels.read(labels, count: model.classCount)
      } catch  where model.labels != nil && !model.hasAssumedLabels {
        // A list of other classes: the checkpoint's own names are the right ones.
      }
    }
    return (try Explainer(model, layers: layers, reshape: ReshapeTransform(parsing: reshape)), path)
  }
}
