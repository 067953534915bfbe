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

  /// A depth-wise convolution, its places as tokens, and an activation: PVT v2's perceptron.
  private func tokensOfConvolution() throws -> Graph {
    let shapes: [String: Shape] = ["dwconv.weight": [6, 1, 3, 3], "dwconv.bias": [6], "fc.weight": [2, 6]]
    let m = GraphBuilder(parameters: DeterministicParameters(shapes: shapes))
    let map = m.convolution("dwconv", m.input([6, 5, 4]), outputs: 6, kernel: Extent(3), padding: Extent(1), groups: 6)
    let tokens = map.reshaped(to: [6, 20]).permuted(1, 0)
    m.alias("tokens", tokens)
    return try m.graph(output: m.linear("fc", m.gelu("act", tokens), outputs: 2, bias: false))
  }

  @Test("applies an activation behind a change of shape inside the product before it", arguments: [false, true])
  func activationBehindReshape(keepsTokens: Bool) throws {
    let graph = try tokensOfConvolution()
    let tokens = try graph.node(at: "tokens")
    let plan = Plan(graph, keeping: keepsTokens ? [tokens] : [])
    #expect(plan.graph.nodes.contains { $0.op is GELU } == keepsTokens)
    let input = Tensor.random([2, 6, 5, 4], seed: 1)
    let (planned, plain) = (try plan.graph.run(input), try graph.run(input))
    try expectClose(
      #require(planned[plan.graph.output]), #require(plain[graph.output]), tolerance: .relative(1e-5))
    if keepsTokens { #expect(try #require(planned[plan.node(tokens)]).shape == [2, 20, 6]) }
  }

  @Test("leaves an activation whose derivative is asked for a step of its own, behind a change of shape too")
  func activationWithGradient() throws {
    let graph = try tokensOfConvolution()
    let plan = Plan(graph, keeping: [graph.input], differentiatingAt: [graph.input])
    #expect(plan.graph.nodes.contains { $0.op is GELU })
    let input = Tensor.random([1, 6, 5, 4], seed: 1)
    let plain = try graph.run(input)
    let seed = Tensor.random([1, 20, 2], seed: 2)
    let expected = try graph.gradients(of: graph.output, seed: seed, at: [graph.input], in: plain)
    let found = try plan.gradients(seed: seed, at: [graph.input], in: plan.graph.run(input))
    try expectClose(#require(found[graph.input]), #require(expected[graph.input]), tolerance: .relative(1e-5))
  }

  @Test("keeps a whole result that someone else reads besides")
  func keepsWhole() throws {
    let graph = try SampleModels.transformer()
    let block = try graph.node(at: "blocks.1")
    let plan = Plan(graph, keeping: [block])
    #expect(plan.graph.nodes[plan.node(block)].shape == graph.nodes[block].shape)
  }
}
