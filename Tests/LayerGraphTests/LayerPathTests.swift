import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Layer paths")
struct LayerPathTests {
  /// Where a path leads, by name.
  private func name(_ path: String, in graph: Graph) throws -> String {
    graph.nodes[try graph.node(at: LayerPath(path))].name
  }

  @Test(
    "lead where a forward hook would",
    arguments: [
      ("blocks[-1].norm1", "blocks.1.norm1"), ("blocks[-2].norm1", "blocks.0.norm1"),
      ("blocks[0].norm1", "blocks.0.norm1"),
      ("blocks.1.norm1", "blocks.1.norm1"), ("blocks.1.attn", "blocks.1.attn.proj"), ("blocks[-1]", "blocks.1.add_1"),
      ("blocks", "blocks.1.add_1"), ("blocks.0.mlp", "blocks.0.mlp.fc2"), ("norm", "norm"),
      ("patch_embed", "patch_embed.proj"),
      ("patch_embed[0]", "patch_embed.proj"), ("input", "input"), ("[0]", "input"),
      ("model.blocks[-1].norm1", "blocks.1.norm1"), ("self.model.norm", "norm"),
    ])
  func transformer(path: String, name: String) throws {
    #expect(try self.name(path, in: SampleModels.transformer()) == name)
  }

  @Test("count the numbers of a container, not its layers, where some are no layers here")
  func gaps() throws {
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    var x = m.input([4])
    // A container whose second and last but one children, such as dropout, are left out.
    x = m.scope("features") { [0, 2, 4].reduce(x) { x, index in m.relu(String(index), x) } }
    let graph = try m.graph(output: x)
    #expect(try name("features[-1]", in: graph) == "features.4")
    #expect(try name("features[-3]", in: graph) == "features.2")
    #expect(try name("features[2]", in: graph) == "features.2")
    #expect(try name("features", in: graph) == "features.4")
    for path in ["features[1]", "features[-2]", "features[5]", "features[-6]", "features.1"] {
      #expect(throws: LayerPathError.self) { try name(path, in: graph) }
    }
  }

  @Test(
    "that are malformed are refused as such",
    arguments: [
      "", ".", "a..b", ".blocks", "blocks.", "blocks[", "blocks[]", "blocks[x]", "blocks[0", "blocks[0]norm1",
      "blocks[1.5]",
    ])
  func malformed(path: String) throws {
    let graph = try SampleModels.transformer()
    let error = #expect(throws: LayerPathError.self) { try graph.node(at: LayerPath(path)) }
    #expect(error?.problem == "not a layer path such as blocks[-1].norm1")
  }

  @Test("that lead nowhere list near names")
  func misses() throws {
    let graph = try SampleModels.transformer()
    let misspelt = #expect(throws: LayerPathError.self) { try graph.node(at: "blocks.1.nrm1") }
    #expect(misspelt?.near.first == "blocks.1.norm1")
    let outside = #expect(throws: LayerPathError.self) { try graph.node(at: "blocks[7].norm1") }
    #expect(outside?.problem == "blocks has 2 children, no [7]")
    #expect(outside?.near.contains("blocks.1.norm1") == true)
    #expect(throws: LayerPathError.self) { try graph.node(at: "blocks[-3]") }
    #expect(throws: LayerPathError.self) { try graph.node(at: "stages[0]") }
    #expect(throws: LayerPathError.self) { try graph.node(at: "blocks[99999999999999999999]") }
    #expect(throws: LayerPathError.self) { try graph.node(at: "blocks[-9223372036854775808]") }
  }

  @Test("that lead nowhere are told of in one line, whatever they hold")
  func oneLine() throws {
    let graph = try SampleModels.transformer()
    let error = #expect(throws: LayerPathError.self) { try graph.node(at: LayerPath("a\nb\u{1b}[31m")) }
    #expect(error?.description.contains { $0.isNewline || $0 == "\u{1b}" } == false)
  }

  @Test("may use another library's names, which do not take the model's own")
  func moreNames() throws {
    let graph = try SampleModels.transformer()
    let block = try graph.node(at: "blocks[-1]")
    let named = graph.adding(names: [("encoder.layers.encoder_layer_1", block), ("norm", block)])
    #expect(try named.node(at: "encoder.layers[-1]") == block)
    #expect(try named.node(at: "encoder.layers.encoder_layer_1") == block)
    #expect(try named.node(at: "norm") == graph.node(at: "norm"))
  }
}
