import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Plan")
struct PlanTests {
  /// A graph, and nodes of it that someone asks for.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let graph: @Sendable () throws -> Graph
    let layer: String
  }

  static let cases: [Case] = [
    Case(testDescription: "a transformer's last norm", graph: SampleModels.transformer, layer: "blocks.1.norm1"),
    Case(testDescription: "a transformer's first block", graph: SampleModels.transformer, layer: "blocks.0"),
    Case(testDescription: "a transformer's attention", graph: SampleModels.transformer, layer: "blocks.1.attn.softmax"),
    Case(testDescription: "a residual network's stage", graph: SampleModels.residualNetwork, layer: "layer1"),
    Case(testDescription: "a residual network's norm", graph: SampleModels.residualNetwork, layer: "bn1"),
    Case(testDescription: "a mobile network's gate", graph: SampleModels.mobileNetwork, layer: "gated"),
    Case(testDescription: "a dense network's joined maps", graph: SampleModels.denseNetwork, layer: "cat2"),
  ]

  @Test("gives the results of the graph, and those of the nodes it was told to keep", arguments: cases)
  func results(_ example: Case) throws {
    let graph = try example.graph()
    let layer = try graph.node(at: LayerPath(example.layer))
    let pictures = SampleModels.pictures(3, for: graph)
    let plain = try graph.run(pictures)
    let plan = Plan(graph, keeping: [layer])
    let planned = try plan.graph.run(pictures, keeping: .only([plan.node(layer), plan.graph.output]))
    for node in [layer, graph.output] {
      try expectClose(
        #require(planned[plan.node(node)]), #require(plain[node]), tolerance: .relative(1e-5))
    }
  }

  @Test("gives the gradients of the graph", arguments: cases)
  func gradients(_ example: Case) throws {
    let graph = try example.graph()
    let layer = try graph.node(at: LayerPath(example.layer))
    let pictures = SampleModels.pictures(3, for: graph)
    let plain = try graph.run(pictures)
    let seed = Tensor.random(try #require(plain[graph.output]).shape, seed: 5)
    let expected = try graph.gradients(of: graph.output, seed: seed, at: [layer], in: plain)
    let plan = Plan(graph, keeping: [layer], differentiatingAt: [layer])
    let kept = plan.graph.nodesForGradients(of: plan.graph.output, at: [plan.node(layer)])
    let planned = try plan.graph.run(pictures, keeping: .only(kept))
    let found = try plan.gradients(seed: seed, at: [layer], in: planned)
    try expectClose(#require(found[layer]), #require(expected[layer]), tolerance: .relative(1e-5))
  }

  @Test("runs on from substituted results as the graph does", arguments: cases)
  func tails(_ example: Case) throws {
    let graph = try example.graph()
    let layer = try graph.node(at: LayerPath(example.layer))
    let picture = SampleModels.pictures(1, for: graph)
    let plain = try graph.run(picture)
    let features = Tensor.random(graph.nodes[layer].shape.batched(4), seed: 7, in: 0...1)
    let expected = try graph.run(substituting: [layer: features], in: plain)
    let plan = Plan(graph, keeping: [layer])
    let tail = plan.graph.nodesForTail(from: [plan.node(layer)], to: plan.graph.output)
    let trace = try plan.graph.run(picture, keeping: .only(tail))
    let found = try plan.graph.run(
      substituting: [plan.node(layer): features], in: trace, keeping: .only([plan.graph.output]))
    try expectClose(
      #require(found[plan.graph.output]), #require(expected[graph.output]), tolerance: .relative(1e-5))
  }

  @Test("computes one row of the last block behind a head that reads the class token")
  func readsOneRow() throws {
    let graph = try SampleModels.transformer()
    let plan = Plan(graph, keeping: [])
    let hidden = try #require(plan.graph.nodes.last { $0.name == "blocks.1.mlp.act" })
    #expect(hidden.shape == [1, 16])
    let attention = try #require(plan.graph.nodes.first { $0.name == "blocks.1.attn.mix" })
    #expect(attention.shape == [1, 8])
    let before = try #require(plan.graph.nodes.last { $0.name == "blocks.0.mlp.act" })
    #expect(before.shape == [5, 16])
  }

  @Test("leaves no norm, activation or addition behind a convolution as a step of its own")
  func fuses() throws {
    let plan = Plan(try SampleModels.residualNetwork(), keeping: [])
    let steps = plan.graph.nodes.map { type(of: $0.op) }
    #expect(!steps.contains { $0 == BatchNorm.self || $0 == ReLU.self || $0 == Add.self || $0 == Convolution.self })
  }

  @Test("keeps a whole result that someone else reads besides")
  func keepsWhole() throws {
    let graph = try SampleModels.transformer()
    let block = try graph.node(at: "blocks.1")
    let plan = Plan(graph, keeping: [block])
    #expect(plan.graph.nodes[plan.node(block)].shape == graph.nodes[block].shape)
  }
}
