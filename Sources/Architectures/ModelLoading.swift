import Checkpoints
import Images
import LayerGraph
import ONNX

extension Model {
  /// Finds a model's weights and loads them. A model of 1000 classes that names none gets ImageNet-1k's names.
  ///
  /// - Parameters:
  ///   - architecture: a name of timm or torchvision; where left out, it is read from the checkpoint.
  ///   - weights: the checkpoint, or a folder with one as hubs keep them, whose configuration then says what the model is;
  ///     where left out, it is looked for by the architecture's name, see ``WeightsLocator``.
  ///   - output: the output of an exported model that has several; its first one where left out.
  ///   - preprocessing: whose preprocessing is taken: `timm`, `torchvision`, or a tag of theirs, such as `tv_in1k`.
  ///   - activation: what stands behind the last layer, where it is not what the architecture has.
  ///   - head: what stands behind the trunk, where the checkpoint has a head of its own; read from its keys where left out.
  ///   - prefersAverage: whether of several copies of the weights the averaged one is taken.
  ///   - imageSize: the size of the input, where it is not the architecture's own.
  /// - Throws: ``UnknownModel``, ``UnknownTag``, ``WeightsError``, ``ModelError`` or `CheckpointError`, each in one line.
  public static func load(
    architecture: String?, weights: String?, output: String? = nil, preprocessing: String? = nil,
    activation: OutputActivation? = nil, head: HeadSpecification? = nil, prefersAverage: Bool = false,
    imageSize: ImageSize? = nil
  ) throws -> (model: Model, weights: String) {
    if let weights, ONNXFile.isNamed(weights) {
      guard architecture == nil else {
        throw WeightsError("\(weights): an exported model says itself what it is made of; leave --arch out")
      }
      guard preprocessing == nil else {
        throw WeightsError(
          "\(weights): an exported model has no published preprocessing; say --mean, --std, --crop-pct")
      }
      let exported = ExportedModel(file: try ONNXFile(contentsOf: weights), output: output)
      var model = try Model(exported, imageSize: imageSize, activation: activation)
      model.assumeImageNetLabels()
      return (model, weights)
    }
    let named = try architecture.map { try ModelDescription.named($0) }
    let folder = try weights.flatMap { try CheckpointFolder(at: $0) ?? CheckpointFolder(around: $0) }
    guard let path = try folder?.weights ?? weights ?? named.map({ try WeightsLocator().path(for: $0.name) }) else {
      throw WeightsError("expected an architecture or a file with weights; try --arch or --weights")
    }
    let checkpoint = try StateDictionary(contentsOf: path, prefersAverage: prefersAverage)
    let published = try folder.flatMap { try FolderModel($0, checkpoint: checkpoint, named: named) }
    var description = try published?.description ?? named ?? ModelDescription.recognized(in: checkpoint)
    if let preprocessing { description = try description.preprocessed(as: preprocessing) }
    var model = try Model(
      description, checkpoint: checkpoint, imageSize: imageSize, activation: activation, head: head, output: output)
    if let published { try model.adopt(published) }
    model.assumeImageNetLabels()
    return (model, path)
  }
}

extension ModelDescription {
  /// The model that a checkpoint names in its metadata, or else the one that its parameters fit.
  ///
  /// - Throws: ``WeightsError`` where none fits, or several do.
  public static func recognized(in checkpoint: StateDictionary) throws(WeightsError) -> ModelDescription {
    if let name = checkpoint.metadata["architecture"] ?? checkpoint.metadata["arch"],
      let named = try? ModelDescription.named(name)
    {
      return named
    }
    let names = fitting(checkpoint)
    guard let first = names.first, let description = try? named(first) else {
      throw WeightsError(
        "\(checkpoint.file): no known architecture has these parameters; `vitcam weights` shows what it holds and the nearest one; "
          + "another model can be exported to ONNX")
    }
    guard names.count == 1 else {
      throw WeightsError(
        "\(checkpoint.file): several architectures fit: \(names.joined(separator: ", ")); choose with --arch")
    }
    return description
  }
}
