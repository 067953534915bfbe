import Testing

@testable import LayerGraph

@Suite("Attention nodes")
struct AttentionNodeTests {
  @Test("They are the softmaxes that weigh values, in the model's order")
  func transformer() throws {
    let graph = try SampleModels.transformer()
    #expect(graph.attentionNodes.map { graph.nodes[$0].name } == ["blocks.0.attn.softmax", "blocks.1.attn.softmax"])
  }

  @Test("A convolutional network has none")
  func residualNetwork() throws {
    #expect(try SampleModels.residualNetwork().attentionNodes.isEmpty)
  }
}
