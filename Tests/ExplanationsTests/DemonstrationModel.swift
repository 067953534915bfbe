import Architectures
import Checkpoints
import Images
import Tensors
import TestSupport

/// The small models that `Weights/` ships, and pictures for them.
enum DemonstrationModel {
  static func load(_ name: String, imageSize: ImageSize? = nil) throws -> Model {
    let path = Fixtures.path("../../Weights/\(name).safetensors")
    return try Model(ModelDescription.named(name), checkpoint: StateDictionary(contentsOf: path), imageSize: imageSize)
  }

  /// Preprocessed pictures of noise.
  static func pictures(_ count: Int) -> Tensor { .random([count, 3, 96, 96], seed: 7) }
}
