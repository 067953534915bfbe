import Architectures
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct RelevanceMethodTests {
  @Test(
    "Plans give the relevance of the graph as it is written down, where no convolution's rule reads its batch norm",
    arguments: ["demo_vit", "demo_swin", "demo_pvt_v2", "demo_resnet"])
  func planned(architecture: String) throws {
    let model = try DemonstrationModel.load(architecture)
    let graph = model.graph
    let random = SeededRandom(seed: 1)
    let shape = graph.nodes[graph.input].shape.batched(2)
    let input = Tensor((0..<shape.count).map { Float(random.normal(at: $0)) }, shape: shape)
    let rules = RelevanceRules.recommended
    let batch = try Explainer(model).explain(input, methods: [Relevance(rules: rules, sigma: 0)]) { _, _ in
      [.logit(3)]
    }
    let trace = try graph.run(input)
    let seed = Tensor(
      (0..<2 * model.classCount).map { $0 % model.classCount == 3 ? 1 : 0 }, shape: [2, model.classCount])
    let plain = try graph.gradients(
      of: graph.output, seed: seed, at: [graph.input], in: trace, rule: .relevance(rules))
    let expected = (input * (try #require(plain[graph.input]))).channelSum()
    for picture in 0..<2 {
      let found = batch.explanations[picture][0].rawMaps[0].scalars
      let wanted = expected[picture].scalars
      let largest = wanted.map(abs).max() ?? 0
      #expect(largest > 0)
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-3 * largest })
    }
  }
}
