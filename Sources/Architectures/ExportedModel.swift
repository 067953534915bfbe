import Checkpoints
import Images
import LayerGraph
import ONNX
import Tensors

/// A model that was exported to ONNX: its file says what it is made of.
struct ExportedModel: Architecture {
  let file: ONNXFile
  /// The output to explain; the first one where none is named.
  let output: String?

  func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    do {
      let result = try file.output(named: output, for: picture, m)
      // A vector of scores, whatever axes of one index are around it.
      let outputs =
        result.shape.rank > 1 && result.shape.extents.filter({ $0 > 1 }).count <= 1
        ? result.reshaped(to: [result.shape.count]) : result
      guard let logits = m.logits(of: outputs) else { return outputs }
      m.assume("its last step, a softmax, is left out: what is explained and saved are the logits before it")
      return logits
    } catch {
      m.fail("\(error)")
      return picture
    }
  }
}

extension Model {
  /// A model exported to ONNX.
  ///
  /// - Parameters:
  ///   - path: the `.onnx` file.
  ///   - output: the output to explain; the first one where left out.
  ///   - imageSize: the size of the input, where the file leaves it free.
  /// - Throws: `CheckpointError` or `GraphError` that names the node, in one line.
  public init(exported path: String, output: String? = nil, imageSize: ImageSize? = nil) throws {
    try self.init(ExportedModel(file: ONNXFile(contentsOf: path), output: output), imageSize: imageSize)
  }

  init(_ exported: ExportedModel, imageSize: ImageSize?, activation: OutputActivation? = nil) throws {
    let (file, path) = (exported.file, exported.file.path)
    let (channels, height, width) = try file.pictureExtents()
    let config = try PreprocessorConfig(beside: path)
    let free = imageSize ?? config?.size ?? ImageSize(square: 224)
    let size = ImageSize(height: height ?? free.height, width: width ?? free.width)
    if let imageSize, imageSize != size {
      throw CheckpointError(
        file: path,
        problem: "--image-size \(imageSize): it was exported for \(size); export it with free axes for others")
    }
    let name = path.split(separator: "/").last.map { String($0.split(separator: ".").first ?? $0) } ?? path
    let known =
      try config.map {
        (preprocessing: try $0.preprocessing(size: size), note: "pictures are prepared as \($0.path) says")
      }
      ?? file.ultralyticsPreprocessing(size: size)
    let own = known?.preprocessing ?? Preprocessing(size: size)
    let preprocessing = own.adapted(toChannels: channels ?? own.channelCount)
    try self.init(
      name: name, exported, parameters: [String: Tensor](),
      preprocessing: preprocessing,
      notes: ["an export by \(file.producer.isEmpty ? "an unknown program" : file.producer), opset \(file.opset)"]
        + (known.map { [$0.note] } ?? []),
      activation: activation,
      preprocessingAssumption: known != nil || preprocessing != own
        ? nil
        : "an export does not say how pictures are prepared: ImageNet's mean and standard deviation are taken; --mean, --std and --input-scale take others",
      channelAssumption: preprocessing == own ? nil : preprocessing.channelsInWords
    )
    guard let names = file.classNames else { return }
    if case .boxes(let boxes) = outputs { outputs = .boxes(boxes.limited(toClasses: names.count)) }
    if names.count == classCount { labels = names }
  }
}
