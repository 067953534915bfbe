import Architectures
import LayerGraph
import Synchronization
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// What the core gives to methods that read more than a layer's feature maps.
@Suite struct CoreTests {
  /// A method that hands its evidence to a closure.
  private struct Probe: ExplanationMethod {
    static let name = "probe"
    static let summary = "for tests"
    var needs: Needs
    var named: [LayerPath] = []
    var error: MethodError?
    let look: @Sendable (Evidence) throws -> Void

    func nodes(for explainer: Explainer) throws(MethodError) -> [NodeID] {
      if let error { throw error }
      return named.compactMap { explainer.model.graph.names[$0.description] }
    }

    func maps(of evidence: Evidence) throws -> MethodMaps {
      try look(evidence)
      return .ofModel(evidence.input.channelSum(), source: "input")
    }
  }

  private func look(
    _ explainer: Explainer, _ input: Tensor, needs: Needs, named: [LayerPath] = [],
    targets: [ScoreTarget] = [.logit(3)],
    _ look: @escaping @Sendable (Evidence) throws -> Void
  ) throws -> ExplanationBatch {
    try explainer.explain(input, methods: [Probe(needs: needs, named: named, look: look)]) { _, _ in targets }
  }

  @Test("Results and gradients of named nodes are those of a run of their own", arguments: ["demo_vit", "demo_resnet"])
  func nodes(name: String) throws {
    let model = try DemonstrationModel.load(name)
    let path: LayerPath = name == "demo_vit" ? "blocks.2.attn.attn_drop" : "layer2.0.conv1"
    let input = DemonstrationModel.pictures(2)
    let expected = try Explainer.evidence(
      of: model, input: input, targets: [.logit(3), .logit(3)], layers: [path, "input"])
    let nodes = [try model.graph.node(at: path), model.graph.input]
    let batch = try look(Explainer(model), input, needs: .nodeGradients, named: [path, "input"]) { evidence in
      for (node, own) in zip(nodes, expected) {
        expectClose(evidence.result(of: node), own.activation.scalars, tolerance: .relative(1e-5))
        expectClose(evidence.gradient(at: node), own.gradient.scalars, tolerance: .relative(3e-5))
      }
    }
    #expect(batch.explanations[1][0].layers == ["input"])
    #expect(batch.explanations[1][0].rawMaps[0].shape == [input.shape[2], input.shape[3]])
  }

  @Test("Outputs of variants at a layer are those of the tail, whatever the batch size", arguments: [1, 3, 32])
  func tail(batchSize: Int) throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_vit"))
    let input = DemonstrationModel.pictures(2)
    _ = try look(explainer, input, needs: .tailRuns) { evidence in
      let features = evidence.result(of: explainer.layers[0])
      let found = try evidence.outputs(ofVariants: 7, atLayer: 0, picture: 1, batchSize: batchSize) {
        variant, scalars in
        for index in scalars.indices { scalars[index] *= Float(variant) / 6 }
      }
      // The seventh is unchanged.
      expectClose(found[6], evidence.logits[1].scalars, tolerance: .relative(1e-5))
      let halved = try evidence.model.graph.run(
        substituting: [explainer.layers[0]: features.samples(1..<2) * 0.5],
        in: evidence.model.graph.run(input.samples(1..<2)), keeping: .only([evidence.model.graph.output]))
      expectClose(found[3], halved[evidence.model.graph.output]?.scalars ?? [], tolerance: .relative(1e-5))
    }
  }

  @Test("Outputs of variants of a picture are those of runs of their own")
  func whole() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let input = DemonstrationModel.pictures(2)
    _ = try look(explainer, input, needs: .wholeRuns) { evidence in
      let found = try evidence.outputs(ofVariants: 3, picture: 1, batchSize: 2) { variant, scalars in
        for index in scalars.indices { scalars[index] *= Float(variant) }
      }
      let graph = evidence.model.graph
      for variant in 0..<3 {
        let own = try graph.run(input.samples(1..<2) * Float(variant), keeping: .only([graph.output]))
        expectClose(found[variant], own[graph.output]?.scalars ?? [], tolerance: .relative(1e-5))
      }
      let scores = try evidence.scores(of: found, picture: 1)
      #expect(scores == (0..<3).map { found[at: $0, 3] })
    }
  }

  @Test("Gradients at replaced features and of other pictures are those of runs of their own")
  func gradients() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_vit"), layers: ["blocks[-2].norm1"])
    let input = DemonstrationModel.pictures(2)
    _ = try look(explainer, input, needs: [.activations, .gradients, .tailRuns]) { evidence in
      let features = evidence.result(of: explainer.layers[0]).samples(0..<1)
      let gradient = evidence.gradient(at: explainer.layers[0]).samples(0..<1)
      let tail = try evidence.gradient(atLayer: 0, of: features.broadcast(toBatch: 2), picture: 0)
      expectClose(tail[1], gradient.scalars, tolerance: .relative(1e-4))
      let other = try evidence.evidence(
        ofVariants: input.samples(0..<1) * 0.5, picture: 0, needs: [.activations, .gradients])
      let own = try Explainer.evidence(
        of: explainer.model, input: input.samples(0..<1) * 0.5, targets: [.logit(3)], layers: ["blocks[-2].norm1"])
      let maps = try explainer.featureMaps(own[0].gradient, of: explainer.layers[0])
      expectClose(other.layers[0].gradients, maps.scalars, tolerance: .relative(1e-5))
    }
  }

  @Test("What does not depend on the target is computed once")
  func once() throws {
    let count = Mutex(0)
    let targets: [ScoreTarget] = [.logit(1), .logit(2), .logit(3)]
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let probe = Probe(needs: []) { evidence in
      let value = evidence.once("a number") {
        count.withLock { $0 += 1 }
        return 7
      }
      #expect(value == 7)
    }
    _ = try explainer.explain(DemonstrationModel.pictures(1), methods: [probe]) { _, _ in targets }
    #expect(count.withLock { $0 } == 1)
  }

  @Test("Slow methods tell how far they are, and stop where their task is cancelled")
  func progress() async throws {
    let told = Mutex([Int]())
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let probe = Probe(needs: .wholeRuns) { evidence in
      _ = try evidence.outputs(ofVariants: 5, picture: 0, batchSize: 2) { _, _ in }
    }
    let input = DemonstrationModel.pictures(1)
    let report: ProgressReport = { progress in told.withLock { $0.append(progress.done) } }
    _ = try explainer.explain(input, methods: [probe], progress: report) { _, _ in [.logit(0)] }
    #expect(told.withLock { $0 } == [0, 2, 4, 5])
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try explainer.explain(input, methods: [probe]) { _, _ in [.logit(0)] }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("A method that does not fit the model is the error")
  func misfit() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let probe = Probe(needs: [], error: MethodError("probe", "demo_resnet has no attention")) { _ in }
    let error = #expect(throws: MethodError.self) { try explainer.check([GradCAM(), probe]) }
    #expect(error?.description == "method 'probe': demo_resnet has no attention")
  }
}
