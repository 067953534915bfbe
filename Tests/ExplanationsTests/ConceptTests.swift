import Architectures
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

/// Deep feature factorisation.
@Suite struct ConceptTests {
  @Test(
    "Concepts and their classes are those of make_cam.py",
    arguments: ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"])
  func agrees(name: String) throws {
    let parity = try ParityCase("cam_\(name)")
    let model = try DemonstrationModel.load(name)
    let explainer = try Explainer(model, layers: [LayerPath(parity.layers[0])])
    let picture = try model.preprocessing(Image(contentsOf: Fixtures.path("../../Weights/Scenes/\(parity.picture)")))
    let batch = try explainer.explain(picture, methods: [DeepFeatureFactorization()]) { _, _ in
      parity.targets.map { .logit($0) }
    }
    let maps = try parity.tensor("\(parity.layers[0])/concepts/maps")
    let outputs = try parity.tensor("\(parity.layers[0])/concepts/outputs")
    for explanation in batch.explanations[0] {
      let concepts = try #require(explanation.concepts)
      #expect(concepts.count == 5)
      for (index, concept) in concepts.enumerated() {
        expectClose(concept.map, maps[index], tolerance: .absolute(1e-3))
        expectClose(concept.outputs, outputs[index].scalars, tolerance: .relative(1e-3))
      }
      #expect(abs(concepts.reduce(0) { $0 + $1.share } - 1) < 1e-5)
      // The map is that of the concept which scores highest for the target.
      let target = try #require(explanation.classIndex)
      let best = try #require(concepts.max { $0.outputs[target] < $1.outputs[target] })
      #expect(explanation.rawMaps[0].scalars == best.map.scalars)
    }
  }

  @Test("Several layers are refused")
  func layers() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"), layers: ["layer2[-1]", "layer3[-1]"])
    #expect(throws: MethodError.self) { try explainer.check([DeepFeatureFactorization()]) }
  }
}
