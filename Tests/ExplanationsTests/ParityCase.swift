import Architectures
import Checkpoints
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors

/// One file of Tests/Fixtures/Parity: what the reference gives for a model with deterministic weights.
struct ParityCase: Sendable {
  private let file: SafetensorsFile

  init(_ name: String) throws {
    file = try SafetensorsFile(contentsOf: Fixtures.path("Parity/\(name).safetensors"))
  }

  private func text(_ key: String) -> String { file.metadata[key] ?? "" }
  private func lines(_ key: String) -> [String] { text(key).split(separator: "\n").map(String.init) }
  private func number(_ key: String) -> Int { Int(text(key)) ?? 0 }

  var imageSize: ImageSize { ImageSize(height: number("height"), width: number("width")) }
  var layers: [String] { lines("layers") }
  var methods: [String] { lines("methods") }
  var nodes: [String] { lines("nodes") }
  var picture: String { text("picture") }
  var targets: [Int] { text("targets").split(separator: ",").compactMap { Int($0) } }

  func tensor(_ name: String) throws -> Tensor { try file.tensor(name) }

  /// The checkpoint that the reference was given, under the reference's own names.
  var checkpoint: StateDictionary { checkpoint(zeroing: { _ in false }) }

  /// The same with zeros in place of some parameters.
  func checkpoint(zeroing isZero: (String) -> Bool) -> StateDictionary {
    var tensors = [String: Tensor]()
    for line in lines("parameters") {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      let shape = Shape(parts[1].split(separator: "x").compactMap { Int($0) })
      let name = String(parts[0])
      tensors[name] =
        isZero(name) ? Tensor(repeating: 0, shape: shape) : DeterministicParameters.value(name, shape: shape)
    }
    return StateDictionary(tensors: tensors)
  }

  /// Our model with that checkpoint, for inputs of the case's size or another.
  func model(imageSize: ImageSize? = nil, checkpoint: StateDictionary? = nil) throws -> Model {
    let name = text("architecture").split(separator: ":").last.map(String.init) ?? ""
    return try Model(
      ModelDescription.named(name), checkpoint: checkpoint ?? self.checkpoint, imageSize: imageSize ?? self.imageSize)
  }

  /// The deterministic pictures.
  var input: Tensor {
    DeterministicParameters.input([targets.count, 3, imageSize.height, imageSize.width])
  }
}
