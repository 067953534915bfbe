import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("The tally of runs")
struct RunTallyTests {
  private func counts(_ body: (Graph, Tensor) throws -> Void) throws -> [Int] {
    let graph = try SampleModels.transformer()
    let pictures = SampleModels.pictures(3, for: graph)
    let tally = RunTally()
    try RunTally.$current.withValue(tally) { try body(graph, pictures) }
    return [tally.counts.forward, tally.counts.tail, tally.counts.backward]
  }

  @Test("Each picture of a batch is a run of the whole model")
  func forward() throws {
    #expect(try counts { _, _ in } == [0, 0, 0])
    #expect(
      try counts { graph, pictures in
        _ = try graph.run(pictures)
        _ = try graph.run(pictures.samples(0..<1), keeping: .only([graph.output]))
      } == [4, 0, 0])
  }

  @Test("What starts at an inner layer is a run of the rest; where nothing is left to compute, none")
  func tail() throws {
    let counted = try counts { graph, pictures in
      let layer = try graph.node(at: "blocks[-1].norm1")
      let trace = try RunTally.$current.withValue(nil) { try graph.run(pictures) }
      let features = try #require(trace[layer])
      _ = try graph.run(substituting: [layer: features], in: trace, keeping: .only([graph.output]))
      _ = try graph.run(substituting: [layer: features], in: trace, keeping: .only([layer]))
    }
    #expect(counted == [0, 3, 0])
  }

  @Test("Gradients count for each picture, whatever the number of layers they are asked at")
  func backward() throws {
    let counted = try counts { graph, pictures in
      let layers = try ["blocks[0].norm1", "blocks[1].norm1"].map { try graph.node(at: LayerPath($0)) }
      let trace = try graph.run(pictures)
      _ = try graph.gradients(of: graph.output, seed: Tensor(repeating: 1, shape: [3, 3]), at: layers, in: trace)
    }
    #expect(counted == [3, 0, 3])
  }

  @Test("Tallies inside each other count for the inner one only, and nothing is counted outside")
  func nested() throws {
    let inner = RunTally()
    let outer = try counts { graph, pictures in
      try RunTally.$current.withValue(inner) { _ = try graph.run(pictures) }
    }
    #expect(outer == [0, 0, 0] && inner.counts.forward == 3)
    #expect(RunTally.current == nil)
  }
}
