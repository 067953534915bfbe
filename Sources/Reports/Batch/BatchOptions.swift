import Architectures
import Explanations
import Images

/// What is done with each of many pictures.
public struct BatchOptions: Sendable {
  /// What is written for a map.
  public enum Output: String, Sendable, CaseIterable {
    /// The drawing.
    case picture
    /// The heatmap at the size of the input, 0 to 1, or −1 to 1 where signs are kept: H×W, `.npy`.
    case heatmap
    /// The map at the layer's resolution before ReLU: h×w, `.npy`.
    case raw
  }

  /// The methods.
  public var methods: [any ExplanationMethod]
  /// Whether heatmaps are means over altered copies, see ``Explainer/explainAugmented(_:methods:progress:targets:)``.
  public var augmentsPictures = false
  /// What is explained where the list says nothing, see ``TargetSpecification``.
  public var targets: [String]
  /// What pictures go through before they reach the model.
  public var preprocessing: Preprocessing
  /// Whether each picture is windowed by its own darkest and brightest sample, see ``Window/init(spanning:)``.
  public var windowsEachPicture = false
  /// What is written for each map; numbers only where it is empty.
  public var outputs: Set<Output> = [.picture]
  /// How maps are drawn.
  public var renderer: ExplanationRenderer
  /// Whether they are drawn on the whole picture rather than on what the model saw of it.
  public var drawsWhole = false
  /// The format of the drawings.
  public var pictureFormat: ImageFormat = .png
  /// How many pictures, neighbours in the list, go through the model at once.
  public var batchSize: Int

  /// What is customary for a model: the recommended method for the best class, drawn.
  public init(for model: Model) {
    methods = [model.recommendedMethod]
    targets = ["top"]
    preprocessing = model.preprocessing
    renderer = ExplanationRenderer(model.rendering)
    batchSize = Self.batchSize(for: model)
  }

  /// Several pictures at once where the model's layers are small: then a run has more to multiply at a time. Large ones
  /// fill a core's caches with one picture, and more would only take memory.
  private static func batchSize(for model: Model) -> Int {
    let scalars = model.graph.nodes.reduce(0) { $0 + $1.shape.count }
    return scalars <= 1 << 22 ? 4 : 1
  }

  /// The preprocessing of one picture.
  func preprocessing(of image: Image) -> Preprocessing {
    guard windowsEachPicture else { return preprocessing }
    var result = preprocessing
    result.window = Window(spanning: image)
    return result
  }
}
