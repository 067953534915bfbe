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

  /// Scenes of `Weights/Scenes`, preprocessed: a batch.
  static func scenes(_ numbers: [Int], for model: Model) throws -> Tensor {
    let pictures = try numbers.map { number in
      let image = try Image(contentsOf: Fixtures.path("../../Weights/Scenes/scene-\(number).png"))
      return try model.preprocessing(image)
    }
    return Tensor(pictures.flatMap(\.scalars), shape: pictures[0].shape.perSample.batched(pictures.count))
  }
}
