import Architectures
import Images
import LayerGraph
import TestSupport
import Testing

@testable import Explanations

/// How often the chosen map's maximum lies on the object that was asked for: what Docs/measures.md tells, measured anew.
@Suite struct PointingTests {
  @Test("The chosen maps of the four models point at the objects of three scenes")
  func pointing() throws {
    var (hits, count) = (0, 0)
    for name in ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"] {
      let found = try play(DemonstrationModel.load(name), scenes: 12..<15)
      hits += found.hits
      count += found.count
    }
    #expect(count == 24)
    #expect(hits >= 18, "\(hits) of 24")
  }

  /// How many maps of the marked objects point at them.
  private func play(_ model: Model, scenes: Range<Int>) throws -> (hits: Int, count: Int) {
    let selection = try MapSelection(model)
    let truth = try GroundTruth(contentsOf: Fixtures.path("../../Weights/Scenes/scenes.json"))
    var (hits, count) = (0, 0)
    for path in truth.pictures[scenes] {
      let image = try Image(contentsOf: path)
      let objects = try truth.objects(in: path, size: image.size)
      let picture = try EvaluationCase(
        path, image: image, preprocessing: model.preprocessing, model: model, objects: objects)
      let batch = try selection.explain(picture.input) { _, logits in
        try picture.targets.flatMap {
          try $0.targets(logits: logits, outputs: model.outputs, in: picture.frame)
        }
      }
      for explanation in batch.explanations[0] {
        let target = ScoreTarget.logit(try #require(explanation.classIndex))
        let object = try #require(picture.object(for: target))
        let map = explanation.heatmap.laid(over: picture.size, covering: picture.visible)
        hits += PointingGame(map, object.region).isInside ? 1 : 0
        count += 1
      }
    }
    return (hits, count)
  }
}
