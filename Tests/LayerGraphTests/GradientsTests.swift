import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Gradients")
struct GradientsTests {
  private func gradient(
    _ graph: Graph, _ targets: [NodeID], pictures: Tensor, seed: Tensor
  ) throws -> [NodeID: Tensor] {
    let kept = graph.nodesForGradients(of: graph.output, at: targets)
    let trace = try graph.run(pictures, keeping: .only(kept))
    return try graph.gradients(of: graph.output, seed: seed, at: targets, in: trace)
  }

  @Test(
    "at an inner layer equal central differences of the tail",
    arguments: [
      "tokens", "blocks[0]", "blocks[0].norm1", "blocks[-1].attn", "blocks[-1].attn.softmax", "norm", "input",
    ])
  func transformer(layer: String) throws {
    try expectGradient(of: SampleModels.transformer(), at: LayerPath(layer))
  }

  @Test(
    "equal central differences also in front of strides, branches and pooling",
    arguments: ["maxpool", "layer1.conv", "layer1", "global_pool", "fc"])
  func residualNetwork(layer: String) throws {
    try expectGradient(of: SampleModels.residualNetwork(), at: LayerPath(layer))
  }

  private func expectGradient(
    of graph: Graph, at path: LayerPath, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let layer = try graph.node(at: path)
    let full = try graph.run(SampleModels.pictures(2, for: graph))
    let seed = Tensor.random(graph.nodes[graph.output].shape.batched(2), seed: 5)
    let gradient = try #require(graph.gradients(of: graph.output, seed: seed, at: [layer], in: full)[layer])
    let value = try #require(full[layer])
    #expect(gradient.shape == value.shape, sourceLocation: sourceLocation)
    try FiniteDifferences.expectGradient(
      gradient, at: value, step: 1e-2, places: 60, tolerance: .relative(3e-3), sourceLocation: sourceLocation
    ) { moved in
      let tail = try graph.run(substituting: [layer: moved], in: full, keeping: .only([graph.output]))
      return FiniteDifferences.sum(seed, try #require(tail[graph.output]))
    }
  }

  @Test("of a batch are those of its pictures")
  func batches() throws {
    let graph = try SampleModels.transformer()
    let layer = try graph.node(at: "blocks[0].norm1")
    let pictures = SampleModels.pictures(3, for: graph)
    let seed = Tensor.random([3, 3], seed: 6)
    let batched = try #require(gradient(graph, [layer], pictures: pictures, seed: seed)[layer])
    for index in 0..<3 {
      let range = index..<index + 1
      let single = try #require(
        gradient(graph, [layer], pictures: pictures.samples(range), seed: seed.samples(range))[layer])
      expectClose(batched.samples(range), single, tolerance: .relative(1e-5))
    }
  }

  @Test("at several layers at once equal those one by one")
  func severalTargets() throws {
    let graph = try SampleModels.transformer()
    let paths: [LayerPath] = ["blocks[0].norm1", "blocks[0]", "blocks[-1].attn.softmax", "norm", "head", "input"]
    let targets = try paths.map { try graph.node(at: $0) }
    let (pictures, seed) = (SampleModels.pictures(2, for: graph), Tensor.random([2, 3], seed: 6))
    let together = try gradient(graph, targets, pictures: pictures, seed: seed)
    #expect(Set(together.keys) == Set(targets))
    for target in targets {
      let alone = try #require(gradient(graph, [target], pictures: pictures, seed: seed)[target])
      #expect(together[target]?.scalars == alone.scalars, "\(graph.nodes[target].name)")
    }
  }

  @Test("at the output are the seed")
  func output() throws {
    let graph = try SampleModels.transformer()
    let seed = Tensor.random([2, 3], seed: 6)
    let found = try gradient(graph, [graph.output], pictures: SampleModels.pictures(2, for: graph), seed: seed)
    #expect(found[graph.output]?.scalars == seed.scalars)
  }

  @Test("are zero at a layer that the output does not depend on")
  func independence() throws {
    let graph = try SampleModels.residualNetwork()
    let side = try graph.node(at: "side")
    let found = try gradient(
      graph, [side], pictures: SampleModels.pictures(2, for: graph), seed: Tensor(repeating: 1, shape: [2, 4]))
    #expect(found[side]?.shape == [2, 8, 6, 6])
    #expect(found[side]?.scalars.allSatisfy { $0 == 0 } == true)
  }

  @Test("need no more of the trace than is said to be needed, and do need that")
  func keptNodes() throws {
    let graph = try SampleModels.transformer()
    let layer = try graph.node(at: "blocks[-1].norm1")
    let kept = graph.nodesForGradients(of: graph.output, at: [layer])
    #expect(!kept.contains(try graph.node(at: "blocks[0].attn.softmax")))
    let seed = Tensor(repeating: 1, shape: [1, 3])
    let trace = try graph.run(SampleModels.pictures(1, for: graph), keeping: .only([graph.output]))
    let error = #expect(throws: RunError.self) {
      try graph.gradients(of: graph.output, seed: seed, at: [layer], in: trace)
    }
    #expect(error?.description.hasSuffix("not in the trace") == true)
  }

  @Test("refuse a seed of another shape, and to go past a layer that was substituted by a larger batch")
  func errors() throws {
    let graph = try SampleModels.transformer()
    let full = try graph.run(SampleModels.pictures(1, for: graph))
    #expect(throws: RunError("head: expected a seed of 1×3, found 2×3")) {
      try graph.gradients(of: graph.output, seed: Tensor(repeating: 1, shape: [2, 3]), at: [0], in: full)
    }
    let layer = try graph.node(at: "blocks[-1].norm1")
    let tail = try graph.run(substituting: [layer: Tensor.random([3, 5, 8], seed: 1)], in: full)
    let seed = Tensor(repeating: 1, shape: [3, 3])
    #expect(throws: Never.self) { try graph.gradients(of: graph.output, seed: seed, at: [layer], in: tail) }
    #expect(throws: RunError("blocks.1.norm1: it was substituted, so that no gradient goes past it")) {
      try graph.gradients(of: graph.output, seed: seed, at: [try graph.node(at: "blocks[0].norm1")], in: tail)
    }
  }
}
