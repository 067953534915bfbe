import LayerGraph
import TestSupport
import Tensors

@testable import Checkpoints

/// The checkpoints that `Weights/` ships, and variations on them.
enum DemonstrationCheckpoint {
  static func load(_ name: String) throws -> StateDictionary {
    try StateDictionary(contentsOf: Fixtures.path("../../Weights/\(name).safetensors"))
  }

  /// A checkpoint with other tensors (nil takes one out) and other metadata.
  static func variation(
    of name: String, replacing replacements: [String: Tensor?] = [:], metadata: [String: String] = [:]
  ) throws -> StateDictionary {
    let original = try load(name)
    var tensors = [String: Tensor]()
    for name in original.names { tensors[name] = try original.tensor(name) }
    for (name, tensor) in replacements { tensors[name] = tensor }
    var checkpoint = StateDictionary(tensors: tensors)
    checkpoint.metadata = metadata
    return checkpoint
  }
}
