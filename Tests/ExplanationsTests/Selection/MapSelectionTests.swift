import Architectures
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct MapSelectionTests {
  private static let models = ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"]

  @Test(
    "One forward and one backward serve all layers; what is chosen is the explanation at that layer alone",
    arguments: models)
  func chosen(name: String) throws {
    let model = try DemonstrationModel.load(name)
    let selection = try MapSelection(model, methods: [HiResCAM()])
    let picture = try DemonstrationModel.scenes([20], for: model)
    let (batch, cost) = try Cost.measured { try selection.explain(picture) { _, _ in [.logit(5)] } }
    let found = batch.explanations[0][0]
    let ranking = try #require(found.ranking)
    #expect(ranking.maps.count == model.candidateLayers().count)
    // What choosing took is counted apart.
    #expect(cost.runs.backward == 1 && cost.runs.forward == 1)
    #expect(ranking.cost.runs.forward > 81 && ranking.cost.runs.backward == 0)
    let alone = try Explainer(model, layers: found.layers.map { LayerPath($0) })
      .explain(picture, by: HiResCAM(), .logit(5))
    expectClose(found.heatmap, alone.heatmap.scalars, tolerance: .absolute(1e-4))
    #expect(found.layers.count == 1 && found.layers[0] == ranking.maps[0].layer)
    #expect(found.rawMaps[0].shape == alone.rawMaps[0].shape && found.diagnostics == alone.diagnostics)
  }

  @Test(
    "Maps that were tried come first, by insertion less deletion and a margin for relevance at the picture; others by agreement"
  )
  func order() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let picture = try DemonstrationModel.scenes([20], for: model)
    let batch = try MapSelection(model).explain(picture) { _, _ in [.logit(5), .logit(0)] }
    #expect(batch.explanations[0].count == 2)
    for explanation in batch.explanations[0] {
      let maps = try #require(explanation.ranking).maps
      // Four layers, and once relevance at the picture and the consensus.
      #expect(maps.count == 4 * (MapSelection.methods.count - 1) + 2)
      let tried = maps.prefix { $0.curves != nil }
      #expect((2...MapSelection.finalists + 2).contains(tried.count) && maps.count { $0.curves != nil } == tried.count)
      #expect(tried.contains { $0.method == "relevance" && $0.layer == "input" })
      let differences = tried.compactMap { map in
        map.curves.map { $0.difference + (map.layer == "input" ? MapSelection.margin : 0) }
      }
      #expect(differences == differences.sorted(by: >))
      let agreements = maps.dropFirst(tried.count).map(\.agreement)
      #expect(agreements == agreements.sorted(by: >))
      #expect(explanation.method == maps[0].method)
    }
  }

  @Test("The probe is blank where nothing changes; maps where the score falls agree with it, and others do not")
  func probe() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let score = Scorer(model, score: .logit(0))
    let constant = ScoreTarget("constant") { (3, [Float](repeating: 0, count: $0.count)) }
    let blank = Tensor(repeating: 0, shape: [1, 3, 96, 96])
    let probe = try OcclusionProbe(blank, blurred: blank, Scorer(model, score: constant))
    #expect(probe.falls.scalars.allSatisfy { $0 == 0 })
    let scene = try DemonstrationModel.scenes([20], for: model)
    let found = try OcclusionProbe(scene, blurred: GaussianBlur.covering(model.imageSize)(scene), score)
    #expect(found.falls.scalars.map(abs).max() == 1)
    // A map is where the score falls, and its inverse is not.
    let falls = found.falls.relu()
    let inverse = Tensor(found.falls.scalars.map { max(0, -$0) }, shape: falls.shape)
    #expect(found.agreement(falls) > 0.2 && found.agreement(inverse) < 0)
    #expect(found.agreement(Tensor(repeating: 0, shape: [96, 96])) == 0)
  }

  @Test("Where nothing changes, both areas are the score itself")
  func curves() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let scene = try DemonstrationModel.scenes([20], for: model)
    let constant = ScoreTarget("constant") { ($0[0] * 0 + 3, [Float](repeating: 0, count: $0.count)) }
    let heatmap = Tensor.random([96, 96], seed: 3, in: 0...1)
    let curves = try ShortCurves.curves(
      of: [heatmap, heatmap], scene, blurred: scene, Scorer(model, score: constant))
    #expect(curves.count == 2)
    for curve in curves {
      #expect(abs(curve.insertion - 3) < 1e-5 && abs(curve.deletion - 3) < 1e-5 && abs(curve.difference) < 1e-5)
    }
  }

  @Test(
    "The layers that are compared: inside every block of a ViT that patches leave, every stage of a pyramid or a CNN")
  func candidates() throws {
    let vit = try DemonstrationModel.load("demo_vit").candidateLayers().map(\.description)
    #expect(vit.count == 16 && vit.last == "blocks.5.norm1" && vit.first == "blocks.0.norm1")
    #expect(vit.contains("blocks.4") && !vit.contains("blocks.5") && !vit.contains("blocks.5.norm2"))
    let resnet = try DemonstrationModel.load("demo_resnet").candidateLayers().map(\.description)
    #expect(resnet == ["layer1.0", "layer2.0", "layer3.0", "layer4.0"])
    for name in ["demo_swin", "demo_pvt_v2"] {
      let model = try DemonstrationModel.load(name)
      let places = Set(try Explainer(model, layers: model.candidateLayers()).grids.map(\.height))
      #expect(places == [24, 12, 6])
      #expect(model.candidateLayers(atMost: 5).count == 5)
    }
  }

  @Test("A method whose concepts are of one layer is refused; so is a layer that does not exist")
  func refused() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    #expect(throws: MethodError.self) { try MapSelection(model, methods: [DeepFeatureFactorization()]) }
    #expect(throws: LayerPathError.self) { try MapSelection(model, layers: ["layer9"]) }
  }
}
