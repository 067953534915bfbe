import Tensors
import Testing

@testable import Explanations

/// What is said in place of a picture that is silently blank.
@Suite struct DiagnosticTests {
  private func diagnose(_ activations: [Float], _ gradients: [Float]) -> [Diagnostic] {
    let shape: Shape = [1, 1, 1, activations.count]
    let evidence = LayerEvidence(
      activations: Tensor(activations, shape: shape), gradients: Tensor(gradients, shape: shape))
    return Diagnostic.diagnostics(
      layer: "norm", evidence: evidence, map: HiResCAM().map(evidence), sample: 0)
  }

  @Test("A sound map has nothing suspicious")
  func sound() {
    #expect(diagnose([1, 2, 3], [1, 0, -1]).isEmpty)
  }

  @Test("A gradient of zero, a map without positive values, a constant layer and what is no number are named")
  func suspicious() {
    #expect(diagnose([1, 2, 3], [0, 0, 0]) == [.zeroGradient(layer: "norm")])
    #expect(diagnose([1, 2, 3], [-1, 0, -1]) == [.allNegative(layer: "norm")])
    #expect(diagnose([2, 2, 2], [1, 2, 3]) == [.constantActivation(layer: "norm")])
    #expect(diagnose([1, .nan, 3], [1, 2, 3]) == [.notFinite(layer: "norm")])
    #expect(diagnose([1, .infinity, 3], [1, 2, 3]) == [.notFinite(layer: "norm")])
  }

  @Test("A gradient of zero is not reported for a method that does not read it")
  func gradientNotNeeded() {
    let activations = Tensor([1, 2, 3], shape: [1, 1, 1, 3])
    let evidence = LayerEvidence(activations: activations)
    let found = Diagnostic.diagnostics(
      layer: "norm", evidence: evidence, map: EigenCAM().map(evidence), sample: 0,
      needsGradients: EigenCAM().needs.contains(.gradients))
    #expect(found.isEmpty)
  }

  @Test("A map most of which lies in 2 % of its places is reported, unless it is clipped or too coarse to say")
  func fewPlaces() {
    func found(_ map: [Float], isClipped: Bool = false) -> [Diagnostic] {
      let maps = Tensor(map, shape: [1, 1, map.count])
      let evidence = LayerEvidence(activations: Tensor(map.indices.map(Float.init), shape: [1, 1, 1, map.count]))
      return Diagnostic.diagnostics(
        layer: "norm", evidence: evidence, map: maps, sample: 0, needsGradients: false, isClipped: isClipped)
    }
    // The largest four of 200 places: 302 of 497.
    var map = [Float](repeating: 1, count: 200)
    (map[3], map[70], map[71]) = (150, 150, -400)
    #expect(found(map) == [.fewPlaces(layer: "norm", places: 4, share: 302.0 / 497)])
    #expect(found(map).first?.description.contains("4 places of the map at norm hold 61 %") == true)
    #expect(found(map, isClipped: true).isEmpty)
    #expect(found(Array(map.prefix(149))).isEmpty)
    map[3] = 1
    #expect(found(map).isEmpty)
  }

  @Test("Each is one line that names the layer, and has a short name for programs")
  func words() {
    let all: [Diagnostic] = [
      .zeroGradient(layer: "norm"), .allNegative(layer: "norm"), .notFinite(layer: "norm"),
      .constantActivation(layer: "norm"), .fewPlaces(layer: "norm", places: 1, share: 0.6),
    ]
    #expect(all.allSatisfy { $0.description.contains("norm") && !$0.description.contains("\n") })
    #expect(all.map(\.name) == ["zero-gradient", "all-negative", "not-finite", "constant-activation", "few-places"])
  }

  @Test("A picture that is not a number is reported")
  func damagedPicture() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let picture = Tensor(repeating: .nan, shape: [1, 3, 96, 96])
    let batch = try explainer.explain(picture, methods: [GradCAM()]) { _, _ in [.logit(0)] }
    #expect(batch.explanations[0][0].diagnostics == [.notFinite(layer: "layer3[-1]")])
    #expect(batch.explanations[0][0].heatmap.scalars.allSatisfy { $0 == 0 })
  }
}
