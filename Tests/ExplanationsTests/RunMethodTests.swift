import Architectures
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// Methods that run the model, or the rest of it, again.
@Suite struct RunMethodTests {
  private func maps(
    _ method: any ExplanationMethod, _ model: String, layer: LayerPath? = nil, reshape: ReshapeTransform = .automatic,
    pictures: Int = 1
  ) throws -> [Tensor] {
    let explainer = try Explainer(
      DemonstrationModel.load(model), layers: layer.map { [$0] } ?? [], reshape: reshape)
    let batch = try explainer.explain(DemonstrationModel.pictures(pictures), methods: [method]) { _, _ in [.logit(3)] }
    return batch.explanations.map { $0[0].rawMaps[0] }
  }

  @Test("The batch size of further runs changes nothing", arguments: ["demo_vit", "demo_swin", "demo_resnet"])
  func batchSize(model: String) throws {
    for method in [AblationCAM.init(batchSize:), { ReciproCAM(batchSize: $0) }] as [(Int?) -> any ExplanationMethod] {
      let expected = try maps(method(1), model)[0]
      for size in [7, 32, nil] {
        expectClose(try maps(method(size), model)[0], expected, tolerance: .relative(2e-3))
      }
    }
  }

  @Test("The batch size of masked pictures changes nothing")
  func maskedBatchSize() throws {
    let expected = try maps(ScoreCAM(batchSize: 1), "demo_pvt_v2")[0]
    expectClose(try maps(ScoreCAM(batchSize: 32), "demo_pvt_v2")[0], expected, tolerance: .relative(1e-3))
  }

  @Test("Each picture of a batch is mapped as alone")
  func batch() throws {
    for method in [AblationCAM(), ReciproCAM(), ScoreCAM(), SmoothGradCAMPlusPlus()] as [any ExplanationMethod] {
      let together = try maps(method, "demo_pvt_v2", pictures: 2)
      let explainer = try Explainer(DemonstrationModel.load("demo_pvt_v2"))
      let second = DemonstrationModel.pictures(2).samples(1..<2)
      let alone = try explainer.explain(second, methods: [method]) { _, _ in [.logit(3)] }
      expectClose(together[1], alone.explanations[0][0].rawMaps[0], tolerance: .relative(2e-3), method.title)
    }
  }

  @Test("A channel without which a linear layer runs is one that is zero in every token", arguments: [0, 95])
  func ablation(channel: Int) throws {
    let model = try DemonstrationModel.load("demo_vit")
    let (graph, input) = (model.graph, DemonstrationModel.pictures(1))
    let explainer = try Explainer(model, layers: ["blocks[-1].norm1"])
    let layer = explainer.layers[0]
    #expect(graph.linearReader(of: layer) != nil)
    let trace = try graph.run(input)
    var features = try #require(trace[layer])
    features.withMutableScalars { for index in stride(from: channel, to: $0.count, by: 96) { $0[index] = 0 } }
    let ablated = try #require(
      try graph.run(substituting: [layer: features], in: trace, keeping: .only([graph.output]))[graph.output])
    let probe = WeightProbe(method: AblationCAM())
    let batch = try explainer.explain(input, methods: [probe]) { _, _ in [.logit(3)] }
    let score = batch.logits[at: 0, 3]
    let weight = batch.explanations[0][0].rawMaps[0].scalars[channel]
    // The weight is a small difference of scores.
    #expect(abs(weight - (score - ablated[at: 0, 3]) / abs(score)) < 1e-5 * max(1, abs(ablated[at: 0, 3] / score)))
  }

  @Test("Features are changed through any transform that rearranges them, and through no other")
  func reshape() throws {
    let own = ReshapeTransform("own") { tokens in
      tokens.droppingTokens(1).permuted([0, 2, 1]).reshaped(to: [tokens.batchCount, 96, 12, 12])
    }
    for method in [AblationCAM(), ReciproCAM()] as [any ExplanationMethod] {
      let expected = try maps(method, "demo_vit")[0]
      expectClose(try maps(method, "demo_vit", reshape: own)[0], expected, tolerance: .relative(1e-4))
    }
    let doubled = ReshapeTransform("doubled") { tokens in
      tokens.droppingTokens(1).permuted([0, 2, 1]).reshaped(to: [tokens.batchCount, 96, 12, 12]) * 2
    }
    #expect(throws: MethodError.self) { try maps(ReciproCAM(), "demo_vit", reshape: doubled) }
  }

  @Test("Recipro-CAM is not blank where all scores are negative")
  func negativeScores() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_pvt_v2"))
    let batch = try explainer.explain(DemonstrationModel.pictures(1), methods: [ReciproCAM()]) { _, _ in
      (0..<10).map { .logit($0) }
    }
    for explanation in batch.explanations[0] {
      #expect(explanation.rawMaps[0].scalars.min() == 0)
      #expect((explanation.heatmap.scalars.max() ?? 0) > 0.9, "\(explanation.target)")
    }
  }

  @Test("Where nothing is curved, Shapley-CAM is Grad-CAM, kinks or not")
  func shapley() throws {
    let expected = try maps(GradCAM(), "demo_resnet", layer: "layer2[-1]")[0]
    expectClose(try maps(ShapleyCAM(), "demo_resnet", layer: "layer2[-1]")[0], expected, tolerance: .relative(1e-3))
  }

  @Test("Finer-CAM's target has the reference's value and gradient")
  func finer() throws {
    let target = ScoreTarget.finer(0, than: [3, 1, 4], strength: 0.8)
    let (score, gradient) = try target([1, 0.4, -0.3, 0.9, 2])
    #expect(abs(score + 0.24075727) < 1e-6)
    expectClose(gradient, [1, 0.0158854494, 0, -0.0605641066, -0.7553213418], tolerance: .absolute(1e-6))
  }
}

/// The weights of another method, as a map of one row.
private struct WeightProbe: ExplanationMethod {
  static let name = "weights"
  static let summary = "for tests"
  let method: any WeightingMethod
  var needs: Needs { method.needs }

  func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] { try method.nodes(for: explainer) }

  func maps(of evidence: Evidence) throws -> MethodMaps {
    let weights = try method.weights(of: evidence)[0]
    return .ofModel(weights.reshaped(to: [weights.shape[0], 1, weights.shape[1]]), source: "weights")
  }
}
