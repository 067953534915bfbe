import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct ExplainerTests {
  @Test(
    "Layers behind the last attention are refused and an earlier one is proposed",
    arguments: [
      "blocks[-1]", "blocks[-1].mlp", "blocks[-1].norm2", "blocks[-1].attn", "norm", "blocks",
    ])
  func unreachable(path: String) throws {
    let model = try DemonstrationModel.load("demo_vit")
    let explainer = try Explainer(model, layers: [LayerPath(path)])
    let error = #expect(throws: UnreachableLayer.self) { try explainer.check([EigenCAM(), GradCAM()]) }
    #expect(error == UnreachableLayer(layer: path, instead: "blocks[-1].norm1"))
    #expect(throws: UnreachableLayer.self) {
      try explainer.explain(DemonstrationModel.pictures(1), methods: [GradCAM()]) { _, _ in [.logit(0)] }
    }
    // What reads the activation only can be drawn there.
    let batch = try explainer.explain(DemonstrationModel.pictures(1), methods: [EigenCAM()]) { _, _ in [.logit(0)] }
    #expect(batch.explanations[0][0].diagnostics.isEmpty)
  }

  @Test("Behind the last attention, the methods whose maps come of the layer's influence are refused, and only those")
  func methodsAtUnreachableLayer() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let explainer = try Explainer(model, layers: ["blocks[-1].mlp"])
    let refused = ExplanationMethods.all.filter { method in
      do {
        try explainer.check([method])
        return false
      } catch let error as UnreachableLayer {
        return error.instead == "blocks[-1].norm1"
      } catch { return false }
    }
    #expect(
      Set(refused.map(\.title)) == [
        "gradcam", "hirescam", "gradcamelementwise", "gradcam++", "xgradcam", "layercam", "eigengradcam", "segeigencam",
        "finercam", "shapleycam", "ablationcam", "reciprocam", "smoothgradcam++", "dff", "relevance", "guidedgradcam",
      ])
    // What looks at other nodes, or at the activation alone, gives a map there.
    let others = ["fullgrad", "gradientattention", "inputxgradient", "guidedbackprop", "fem", "scorecam"]
    let batch = try explainer.explain(
      DemonstrationModel.pictures(1), methods: others.map { try ExplanationMethods.named($0) }
    ) { _, _ in [.logit(0)] }
    #expect(batch.explanations[0].allSatisfy { ($0.heatmap.scalars.max() ?? 0) > 0.9 })
  }

  @Test(
    "Layers in front of it are allowed", arguments: ["blocks[-1].norm1", "blocks[-2]", "blocks[0].mlp", "patch_embed"])
  func reachable(path: String) throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_vit"), layers: [LayerPath(path)])
    #expect(explainer.grids.map(\.description) == ["12×12"])
  }

  @Test("A reshape that does not fit is refused before anything runs")
  func reshape() throws {
    let model = try DemonstrationModel.load("demo_vit")
    #expect(throws: ReshapeError.self) { try Explainer(model, reshape: .grid(height: 12, width: 12)) }
    #expect(throws: ReshapeError.self) { try Explainer(model, layers: ["head"]) }
    #expect(throws: LayerPathError.self) { try Explainer(model, layers: ["blocks[6]"]) }
  }

  @Test("Several targets at once equal one by one", arguments: ["demo_vit", "demo_resnet"])
  func targets(name: String) throws {
    let explainer = try Explainer(DemonstrationModel.load(name))
    let input = DemonstrationModel.pictures(1)
    let targets: [ScoreTarget] = [.logit(2), .probability(5), .contrast(1, 8)]
    let methods = try explainer.methods(named: ["all"]).fitting.filter { !$0.needs.contains(.wholeRuns) }
    let together = try explainer.explain(input, methods: methods) { _, _ in targets }.explanations[0]
    let alone = try targets.flatMap { target in
      try explainer.explain(input, methods: methods) { _, _ in [target] }.explanations[0]
    }
    #expect(together.map(\.target) == alone.map(\.target))
    #expect(together.map(\.method) == alone.map(\.method))
    for (a, b) in zip(together, alone) {
      expectClose(a.rawMaps[0], b.rawMaps[0], tolerance: .relative(1e-5))
      #expect(a.score == b.score)
    }
  }

  @Test("A batch with a class for each picture equals its pictures", arguments: ["demo_vit", "demo_resnet"])
  func batch(name: String) throws {
    let explainer = try Explainer(DemonstrationModel.load(name))
    let input = DemonstrationModel.pictures(3)
    let together = try explainer.explain(input, methods: [GradCAM(), LayerCAM()]) { picture, _ in [.logit(3 * picture)]
    }
    for picture in 0..<3 {
      let alone = try explainer.explain(
        input.samples(picture..<picture + 1), methods: [GradCAM(), LayerCAM()]
      ) { _, _ in [.logit(3 * picture)] }
      expectClose(together.logits[picture], alone.logits[0], tolerance: .relative(1e-5))
      for (a, b) in zip(together.explanations[picture], alone.explanations[0]) {
        expectClose(a.rawMaps[0], b.rawMaps[0], tolerance: .relative(1e-4))
        expectCloseHeatmaps(a.heatmap, b.heatmap)
      }
    }
  }

  @Test("A transform of one's own gives what the automatic one gives")
  func ownTransform() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let own = ReshapeTransform("own") { tokens in
      tokens.droppingTokens(1).permuted([0, 2, 1]).reshaped(to: [tokens.batchCount, 96, 12, 12])
    }
    let maps = try [ReshapeTransform.automatic, .grid(height: 12, width: 12, dropping: 1), own].map { reshape in
      try Explainer(model, reshape: reshape)
        .explain(DemonstrationModel.pictures(1), methods: [GradCAM()]) { _, _ in [.logit(0)] }
        .explanations[0][0].rawMaps[0].scalars
    }
    #expect(maps[0] == maps[1] && maps[1] == maps[2])
  }

  @Test("What cannot be explained is refused: too few targets, and pictures of another size")
  func refused() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    #expect(throws: TargetError.self) {
      try explainer.explain(DemonstrationModel.pictures(2), methods: [GradCAM()]) { picture, _ in
        picture == 0 ? [.logit(0), .logit(1)] : [.logit(0)]
      }
    }
    #expect(throws: RunError.self) {
      try explainer.explain(.random([1, 3, 64, 64], seed: 1), methods: [GradCAM()]) { _, _ in [.logit(0)] }
    }
    #expect(throws: TargetError.self) {
      try Explainer.evidence(
        of: explainer.model, input: DemonstrationModel.pictures(2), targets: [.logit(0)], layers: ["layer3"])
    }
  }
}
