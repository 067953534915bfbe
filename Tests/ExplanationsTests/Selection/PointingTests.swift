import Architectures
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// How often the chosen map's maximum lies on the object that was asked for: what Docs/measures.md tells, measured anew.
@Suite struct PointingTests {
  @Test(
    "The chosen map points at the object on the shipped scenes",
    arguments: [("demo_vit", 0.0), ("demo_swin", 0.0), ("demo_pvt_v2", 0.0), ("demo_resnet", 0.0)])
  func pointing(name: String, atLeast share: Double) throws {
    let model = try DemonstrationModel.load(name)
    let selection = try MapSelection(model)
    let folder = Fixtures.path("../../Weights/Scenes")
    let truth = try GroundTruth(contentsOf: "\(folder)/scenes.json")
    var (hits, count) = (0, 0)
    for path in truth.pictures {
      let image = try Image(contentsOf: path)
      let objects = try truth.objects(in: path, size: image.size)
      let picture = try EvaluationCase(
        path, image: image, preprocessing: model.preprocessing, model: model, objects: objects)
      let batch = try selection.explain(picture.input) { _, logits in
        picture.targets.flatMap { $0.targets(logits: logits) }
      }
      for explanation in batch.explanations[0] {
        let target = ScoreTarget.logit(try #require(explanation.classIndex))
        let object = try #require(picture.object(for: target))
        let map = explanation.heatmap.laid(over: picture.size, covering: picture.visible)
        hits += PointingGame(map, object.region).isInside ? 1 : 0
        count += 1
      }
    }
    #expect(count == 36)
    #expect(Double(hits) / Double(count) >= share, "\(hits) of \(count)")
    print("POINTING \(name) \(hits)/\(count)")
  }
}
