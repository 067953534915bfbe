import Architectures
import Checkpoints
import Explanations
import Foundation
import Images
import TestSupport
import Tensors
import Testing

/// Models without a classifier, as timm's `num_classes=0` and self-supervised training leave them.
@Suite struct EmbeddingTests {
  private static let heads = [
    "demo_vit": "head", "demo_swin": "head.fc", "demo_pvt_v2": "head", "demo_resnet": "fc",
  ]

  /// A demonstration model's checkpoint without its last layer.
  private func headless(_ name: String) throws -> (model: Model, weight: Tensor, bias: Tensor) {
    let checkpoint = try StateDictionary(contentsOf: Fixtures.path("../../Weights/\(name).safetensors"))
    let head = try #require(Self.heads[name])
    var tensors = [String: Tensor]()
    for key in checkpoint.names where !key.hasPrefix(head + ".") && !key.hasSuffix("num_batches_tracked") {
      tensors[key] = try checkpoint.tensor(key)
    }
    let model = try Model(ModelDescription.named(name), checkpoint: StateDictionary(tensors: tensors))
    return (model, try checkpoint.tensor("\(head).weight"), try checkpoint.tensor("\(head).bias"))
  }

  @Test("The outputs are the features that the classifier would read", arguments: heads.keys.sorted())
  func features(name: String) throws {
    let (model, weight, bias) = try headless(name)
    #expect(model.outputs == .embedding)
    #expect(model.classCount == weight.shape[1])
    let input = DemonstrationModel.pictures(1)
    let features = try model.outputs(for: input).scalars
    let logits = (0..<10).map { index in
      zip(weight[index].scalars, features).reduce(bias.scalars[index]) { $0 + $1.0 * $1.1 }
    }
    let whole = try DemonstrationModel.load(name)
    #expect(whole.outputs == .logits)
    expectClose(logits, try whole.outputs(for: input).scalars, tolerance: Tolerances.logits)
  }

  @Test("They are compared with another picture's, or with an array; a picture is like itself")
  func similarity() throws {
    let (model, _, _) = try headless("demo_vit")
    let path = Fixtures.path("../../Weights/Scenes/scene-03.png")
    let input = try model.preprocessing(Image(contentsOf: path))
    let outputs = try model.outputs(for: input)
    let file = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString).npy").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try outputs.write(npy: file)
    let targets = try [path, file].map { path in
      try #require(
        TargetSpecification(parsing: "like:\(path)", for: model).targets(
          logits: outputs.scalars, outputs: model.outputs, in: PictureFrame(whole: model.imageSize)
        ).first)
    }
    #expect(targets[0].description == "similarity to scene-03.png")
    for target in targets { expectClose([try target(outputs.scalars).score], [1], tolerance: .absolute(1e-6)) }
    let batch = try Explainer(model).explain(DemonstrationModel.pictures(1), methods: [LayerCAM()]) { _, _ in targets }
    let found = batch.explanations[0]
    #expect(found[0].score < 0.9 && found[0].score == found[1].score)
    #expect(found[0].heatmap.scalars.max() ?? 0 > 0.9)
  }

  @Test("Targets that need classes, and embeddings that do not fit, are refused")
  func refused() throws {
    let (model, _, _) = try headless("demo_vit")
    let top = #expect(throws: TargetError.self) { try TargetSpecification(parsing: "top", for: model) }
    #expect(top?.description.contains("its 96 outputs are an embedding") == true)
    let file = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString).npy").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    for values in [
      [Float](repeating: 1, count: 95), [Float](repeating: 0, count: 96), [.nan] + [Float](repeating: 1, count: 95),
    ] {
      try Tensor(values, shape: [values.count]).write(npy: file)
      #expect(throws: TargetError.self) { try TargetSpecification(parsing: "like:\(file)", for: model) }
    }
    #expect(throws: (any Error).self) { try TargetSpecification(parsing: "like:none.png", for: model) }
  }
}
