import TestSupport
import Tensors
import Testing

@testable import LayerGraph

@Suite("Runs")
struct RunTests {
  enum Model: CaseIterable {
    case transformer, residualNetwork

    func graph() throws -> Graph {
      switch self {
      case .transformer: try SampleModels.transformer()
      case .residualNetwork: try SampleModels.residualNetwork()
      }
    }

    /// A layer with a connection that goes past it.
    var bypassed: LayerPath { self == .transformer ? "blocks[-1].attn" : "layer1.conv" }
  }

  private func result(_ trace: Trace, _ node: NodeID) throws -> Tensor {
    try #require(trace[node])
  }

  // MARK: Laws

  @Test("a batch gives what its pictures give one by one, at every layer", arguments: Model.allCases)
  func batches(model: Model) throws {
    let graph = try model.graph()
    let pictures = SampleModels.pictures(3, for: graph)
    let batched = try graph.run(pictures)
    for index in 0..<3 {
      let single = try graph.run(pictures.samples(index..<index + 1))
      for (id, node) in graph.nodes.enumerated() where !(node.op is Constant) {
        expectClose(
          try result(batched, id).samples(index..<index + 1), try result(single, id), tolerance: .relative(1e-5),
          node.name)
      }
    }
  }

  @Test("a second run and its gradients are written to the memory of the first")
  func memory() throws {
    let graph = try SampleModels.residualNetwork()
    let pictures = SampleModels.pictures(64, for: graph)
    func run() throws {
      let trace = try graph.run(pictures)
      let seed = Tensor(repeating: 1, shape: try result(trace, graph.output).shape)
      _ = try graph.gradients(of: graph.output, seed: seed, at: [1], in: trace)
    }
    try run()
    let allocations = graph.memory.allocations
    #expect(allocations > 0)
    try run()
    #expect(graph.memory.allocations == allocations)
  }

  @Test("substituting a layer by its own result changes nothing", arguments: Model.allCases)
  func identity(model: Model) throws {
    let graph = try model.graph()
    let layer = try graph.node(at: model.bypassed)
    let full = try graph.run(SampleModels.pictures(2, for: graph))
    let tail = try graph.run(substituting: [layer: try result(full, layer)], in: full)
    for id in graph.nodes.indices {
      #expect(try result(tail, id).scalars == result(full, id).scalars)
    }
  }

  @Test("a tail run of several changed copies equals full runs with one of them", arguments: Model.allCases)
  func tails(model: Model) throws {
    let graph = try model.graph()
    let layer = try graph.node(at: model.bypassed)
    let picture = SampleModels.pictures(1, for: graph)
    let kept = graph.nodesForTail(from: [layer], to: graph.output)
    #expect(!kept.isEmpty, "something goes past the layer")
    let trace = try graph.run(picture, keeping: .only(kept))
    let copies = Tensor.random(graph.nodes[layer].shape.batched(3), seed: 9)
    let tail = try graph.run(substituting: [layer: copies], in: trace, keeping: .only([graph.output]))
    #expect(tail.nodes == [graph.output])
    for index in 0..<3 {
      // A full run: everything is computed from the picture, but for the layer.
      let full = try graph.run(
        substituting: [graph.input: picture, layer: copies.samples(index..<index + 1)], keeping: .only([graph.output]))
      expectClose(
        try result(tail, graph.output).samples(index..<index + 1), try result(full, graph.output),
        tolerance: .relative(1e-5))
    }
  }

  @Test("a run that keeps little gives the same values as one that keeps all", arguments: Model.allCases)
  func retention(model: Model) throws {
    let graph = try model.graph()
    let picture = SampleModels.pictures(1, for: graph)
    let all = try graph.run(picture)
    #expect(all.nodes == Set(graph.nodes.indices))
    let wanted: Set<NodeID> = [graph.output, try graph.node(at: model.bypassed), graph.input]
    let few = try graph.run(picture, keeping: .only(wanted))
    #expect(few.nodes == wanted)
    for id in wanted { #expect(try result(few, id).scalars == result(all, id).scalars) }
  }

  @Test("one thread and several give the same, but for rounding", arguments: Model.allCases)
  func threads(model: Model) throws {
    let graph = try model.graph()
    let pictures = SampleModels.pictures(2, for: graph)
    let outputs = try [1, 2].map { count in
      try Workers.$current.withValue(Workers(count: count)) { try result(graph.run(pictures), graph.output) }
    }
    expectClose(outputs[0], outputs[1], tolerance: .relative(1e-5))
  }

  // MARK: What is computed and freed

  /// Passes its input on. Says when it runs, and whether an earlier result is still held.
  private struct Probe: Op {
    /// What a result's memory is held by.
    final class Owner: Sendable {}

    final class Log: @unchecked Sendable {
      weak var owner: Owner?
      var runs = 0
      var ownerWasHeld: [Bool] = []
    }

    let log: Log
    let lends: Bool

    func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape { try single(inputs) }

    func forward(_ inputs: [Tensor]) -> Tensor {
      log.runs += 1
      log.ownerWasHeld.append(log.owner != nil)
      guard lends else { return inputs[0] * 1 }
      let owner = Owner()
      log.owner = owner
      let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: inputs[0].count)
      memory.initialize(repeating: 1)
      return Tensor(borrowing: UnsafeBufferPointer(memory), shape: inputs[0].shape, owner: owner)
    }

    func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] { [gradient] }
  }

  @Test("a result that nobody keeps is freed after its last use")
  func freeing() throws {
    let log = Probe.Log()
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let lent = m.append("lent", Probe(log: log, lends: true), [m.input([4])])
    let user = m.append("user", Probe(log: log, lends: false), [lent])
    let after = m.append("after", Probe(log: log, lends: false), [user])
    let graph = try m.graph(output: after)
    let picture = Tensor(repeating: 0, shape: [1, 4])
    _ = try graph.run(picture, keeping: .only([graph.output]))
    #expect(log.ownerWasHeld == [false, true, false])
    log.ownerWasHeld = []
    let trace = try graph.run(picture)
    #expect(log.ownerWasHeld == [false, true, true])
    #expect(trace[1] != nil)
  }

  @Test("nothing is computed that the kept results do not need")
  func laziness() throws {
    let (used, unused) = (Probe.Log(), Probe.Log())
    let m = GraphBuilder(parameters: [:] as [String: Tensor])
    let input = m.input([4])
    let first = m.append("first", Probe(log: used, lends: false), [input])
    _ = m.append("side", Probe(log: unused, lends: false), [first])
    let graph = try m.graph(output: m.append("last", Probe(log: used, lends: false), [first]))
    let trace = try graph.run(Tensor(repeating: 0, shape: [1, 4]), keeping: .only([graph.output, 1]))
    #expect(used.runs == 2 && unused.runs == 0)
    _ = try graph.run(
      substituting: [1: Tensor(repeating: 2, shape: [5, 4])], in: trace, keeping: .only([graph.output]))
    #expect(used.runs == 3 && unused.runs == 0, "a tail run starts at what is substituted")
  }

  // MARK: Errors

  @Test("what cannot be run is refused in one line that names the layer")
  func errors() throws {
    let graph = try SampleModels.residualNetwork()
    let layer = try graph.node(at: "layer1.conv")
    #expect(throws: RunError("input: expected B×3×12×12, found 1×3×10×12")) {
      try graph.run(Tensor(repeating: 0, shape: [1, 3, 10, 12]))
    }
    #expect(throws: RunError("input: expected B×3×12×12, found 3×12×12")) {
      try graph.run(Tensor(repeating: 0, shape: [3, 12, 12]))
    }
    #expect(throws: RunError("input: expected B×3×12×12, found scalar")) {
      try graph.run(Tensor([1], shape: []))
    }
    #expect(throws: RunError("input: expected at least one sample, found 0×3×12×12")) {
      try graph.run(Tensor(repeating: 0, shape: [0, 3, 12, 12]))
    }
    let missing = #expect(throws: RunError.self) {
      try graph.run(substituting: [layer: Tensor(repeating: 0, shape: [1, 8, 3, 3])], keeping: .only([graph.output]))
    }
    #expect(missing?.description.hasPrefix("input: ") == true)
    let trace = try graph.run(SampleModels.pictures(2, for: graph))
    #expect(throws: RunError("layer1.add: expected results of one batch, found batches of [2, 3]")) {
      try graph.run(substituting: [layer: Tensor(repeating: 0, shape: [3, 8, 3, 3])], in: trace)
    }
  }
}
