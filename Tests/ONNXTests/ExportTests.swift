import Checkpoints
import Foundation
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import ONNX

/// Small networks as PyTorch's exporters write them; see `Tests/Fixtures/ONNX/make_exports.py`.
@Suite("Exports of PyTorch's")
struct ExportTests {
  @Test("Logits, a named layer and its gradient are PyTorch's", arguments: Export.all)
  func parity(export: Export) throws {
    let graph = try export.graph()
    let layer = try graph.node(at: LayerPath(export.answer.layer))
    let trace = try graph.run(export.input)
    let logits = try #require(trace[graph.output])
    expectClose(logits, Tensor(export.answer.logits, shape: [1, 5]), tolerance: .relative(1e-5), "logits")
    let activation = try #require(trace[layer])
    expectClose(
      activation, Tensor(export.answer.activation, shape: activation.shape), tolerance: .relative(1e-5), "activation")
    let seed = Tensor([0, 0, 0, 1, 0], shape: [1, 5])
    let gradient = try #require(try graph.gradients(of: graph.output, seed: seed, at: [layer], in: trace)[layer])
    expectClose(
      gradient, Tensor(export.answer.gradient, shape: gradient.shape), tolerance: .relative(1e-4), "gradient")
  }

  @Test("A plan gives the same", arguments: Export.all)
  func plans(export: Export) throws {
    let graph = try export.graph()
    let plan = Plan(graph, keeping: [])
    let planned = try #require(try plan.graph.run(export.input)[plan.node(graph.output)])
    expectClose(planned, Tensor(export.answer.logits, shape: [1, 5]), tolerance: .relative(1e-5), "logits")
  }

  @Test(
    "Modules have the names that PyTorch's users know",
    arguments: [
      ("transformer", "blocks[-1].norm1"), ("transformer", "blocks[0].attn.qkv"), ("transformer", "blocks.1.mlp[-1]"),
      ("transformer", "patch_embed"), ("convolutions", "layer1[-1]"), ("convolutions", "layer1[0].gate"),
      ("windows", "reduction"),
    ])
  func names(network: String, layer: String) throws {
    for exporter in ["dynamo", "tracer"] {
      let graph = try Export(network, exporter).graph()
      #expect(throws: Never.self, "\(exporter)") { try graph.node(at: LayerPath(layer)) }
    }
  }

  @Test(
    "The older exporter says a container's name again in its child's",
    arguments: [
      ("/blocks/blocks.4/mlp/act/Mul_1", "blocks.4.mlp.act"),
      ("/blocks/blocks.4/blocks.4.0/conv_pw/Conv", "blocks.4.0.conv_pw"),
      ("/layers/layers.0/blocks/blocks.1/attn/Add", "layers.0.blocks.1.attn"), ("/layer4/layer4.1/Relu", "layer4.1"),
      ("/Add", ""),
    ])
  func tracedNames(name: String, module: String) throws {
    var node = try ONNXNode(ByteRegion(file: "", copying: []))
    node.name = name
    #expect(ModuleNames([node]).module(of: 0) == module)
  }

  @Test("Attention is found, and is one step in a plan", arguments: ["dynamo", "tracer"])
  func attention(exporter: String) throws {
    let graph = try Export("transformer", exporter).graph()
    #expect(graph.attentionNodes.count == 2)
    #expect(graph.attentionNodes.map { graph.nodes[$0].shape } == [[2, 7, 7], [2, 7, 7]])
    let plan = Plan(graph, keeping: [])
    #expect(plan.graph.attentionNodes.isEmpty)
  }

  @Test("Places follow the picture through tokens, windows and patch merging", arguments: ["dynamo", "tracer"])
  func places(exporter: String) throws {
    let transformer = try Export("transformer", exporter).graph()
    let tokens = PlaceTable(transformer).places(of: try transformer.node(at: "blocks[-1].norm1"))
    // The class token has no place; patches lie in the middle of 8 pixels, which are counted from 1.
    #expect(tokens.rows.scalars == [0, 4.5, 4.5, 4.5, 12.5, 12.5, 12.5])
    #expect(tokens.columns.scalars == [0, 4.5, 12.5, 20.5, 4.5, 12.5, 20.5])
    let windows = try Export("windows", exporter).graph()
    let merged = PlaceTable(windows).places(of: try windows.node(at: "reduction"))
    #expect(merged.rows.scalars == [2.5, 6.5, 10.5, 14.5])
    let inside = PlaceTable(windows).places(of: try windows.node(at: "attn.proj"))
    // The first window begins where the roll has brought it: two patches of two pixels down and to the right.
    #expect(inside.expanded(to: [4, 16, 8]).rows[at: 0, 0, 0] == 5.5)
    #expect(inside.expanded(to: [4, 16, 8]).rows[at: 3, 15, 0] == 3.5)
  }
}

/// A network, who wrote it, and PyTorch's answers.
struct Export: Sendable, CustomTestStringConvertible {
  struct Answer: Decodable {
    let size: [Int]
    let input: [Float]
    let logits: [Float]
    let layer: String
    let activation: [Float]
    let gradient: [Float]
  }

  let testDescription: String
  let path: String
  let answer: Answer

  init(_ network: String, _ exporter: String) throws {
    testDescription = "\(network).\(exporter)"
    path = Fixtures.path("ONNX/\(network).\(exporter).onnx")
    let data = try #require(FileManager.default.contents(atPath: Fixtures.path("ONNX/exports.json")))
    answer = try #require(try JSONDecoder().decode([String: Answer].self, from: data)[network])
  }

  static let all = ["transformer", "windows", "convolutions"].flatMap { network in
    ["dynamo", "tracer"].compactMap { try? Export(network, $0) }
  }

  var input: Tensor { Tensor(answer.input, shape: [1, 3, answer.size[0], answer.size[1]]) }

  func graph() throws -> Graph {
    let builder = GraphBuilder(parameters: [String: Tensor]())
    let picture = builder.input([3, answer.size[0], answer.size[1]])
    return try builder.graph(output: ONNXFile(contentsOf: path).output(for: picture, builder))
  }
}
