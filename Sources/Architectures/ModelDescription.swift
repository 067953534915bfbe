import Images
import LayerGraph

/// A variant of an architecture under the name by which users know it.
public struct ModelDescription: Sendable {
  /// timm's or torchvision's name, such as `vit_base_patch16_224`.
  public let name: String
  /// The family it is listed under.
  public let family: String
  /// What it is made of.
  public internal(set) var architecture: any Architecture
  /// What its pictures go through, the size of its input included.
  public internal(set) var preprocessing: Preprocessing
  /// Which published weights the preprocessing is that of, where the user named some.
  var preprocessingSource: String?
  /// What is to be said of the preprocessing where a folder describes the model and not that.
  var preprocessingNote: String?
  /// The configuration that describes the model, where one does.
  var configuration: String?
  /// What its classes are called, where its weights are known to have these.
  let labels: [String]?
  /// How its heatmaps are customarily drawn.
  public let rendering: HeatmapRenderer
  /// What is otherwise where a checkpoint turns out to be another library's, whose model of this name differs in more than
  /// its names: by dialect.
  let inDialect: [String: (architecture: any Architecture, preprocessing: Preprocessing)]

  /// A variant of an architecture.
  public init(
    _ name: String, family: String, _ architecture: any Architecture, _ preprocessing: Preprocessing,
    rendering: HeatmapRenderer = HeatmapRenderer()
  ) {
    self.init(name, family: family, architecture, preprocessing, rendering: rendering, inDialect: [:])
  }

  init(
    _ name: String, family: String, _ architecture: any Architecture, _ preprocessing: Preprocessing,
    rendering: HeatmapRenderer = HeatmapRenderer(), labels: [String]? = nil,
    inDialect: [String: (architecture: any Architecture, preprocessing: Preprocessing)] = [:]
  ) {
    self.name = name
    self.labels = labels
    self.rendering = rendering
    self.family = family
    self.architecture = architecture
    self.preprocessing = preprocessing
    self.inDialect = inDialect
  }

  /// All models that `vitcam` knows, family by family.
  public static let all =
    VisionTransformer.variants
    + SwinTransformer.variants
    + PyramidVisionTransformerV2.variants
    + PyramidVisionTransformer.variants
    + ResNet.variants
    + EfficientNet.variants
    + MobileNetV3.variants
    + MNASNet.variants
    + MobileNeXt.variants
    + ConvNeXt.variants
    + VGG.variants
    + AlexNet.variants
    + DenseNet.variants
    + MobileNetV2.variants
    + SqueezeNet.variants
    + CIFARResNet.variants
    + XRayResNet.variants

  /// The model of a name, as people write it: `ResNet-50` and `hf_hub:timm/resnet50.tv_in1k` are `resnet50`. A tag of timm's
  /// or torchvision's brings the preprocessing of its weights.
  ///
  /// - Throws: ``UnknownModel`` with the nearest names; ``UnknownTag`` with the nearest tags.
  public static func named(_ text: String) throws -> ModelDescription {
    let name = ModelName(text)
    let names = all.map(\.name)
    guard let meant = name.among(names), let found = all.first(where: { $0.name == meant }) else {
      throw UnknownModel(name: text, near: nearest(to: name.plain.lowercased(), among: names))
    }
    return try name.tag.map { try found.preprocessed(as: $0) } ?? found.withDefaultPreprocessing
  }
}

/// A name that no architecture has.
public struct UnknownModel: Error, Equatable, CustomStringConvertible {
  /// The name that was asked for.
  public let name: String
  /// The nearest names that exist.
  public let near: [String]

  /// One line: the name and the nearest ones.
  public var description: String {
    "architecture '\(name)': not known; near it: \(near.joined(separator: ", ")); `vitcam architectures` lists all"
  }
}

extension Preprocessing {
  /// What the demonstration models' scenes go through.
  static let demonstration = Preprocessing(
    size: ImageSize(square: 96), fit: .squash, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
}

extension XRayResNet {
  /// The X-ray classifier under its own name.
  static let variants = [
    ModelDescription(
      "xray_resnet", family: "X-ray", XRayResNet(),
      .init(
        size: ImageSize(square: 256), fit: .crop(fraction: 1), interpolation: .bilinear, mean: [0.5, 0.5, 0.5],
        standardDeviation: [0.5, 0.5, 0.5]),
      rendering: HeatmapRenderer(alpha: 0.4, gamma: 2, upsampling: .bicubic))
  ]
}
