import Explanations
import TestSupport
import Tensors
import Testing

/// Two channels of 2×2 against numbers from the methods' formulas, computed in double precision.
@Suite struct MethodTests {
  private static let evidence = LayerEvidence(
    activations: Tensor([1, 2, 3, -1, 0.5, -2, 4, 1], shape: [1, 2, 2, 2]),
    gradients: Tensor([0.5, -1, 2, 0, 1, 3, -0.5, 0.25], shape: [1, 2, 2, 2]))

  @Test(
    "A method's map is its formula",
    arguments: [
      ("gradcam", [0.84375, -1.125, 4.875, 0.5625]),
      ("hirescam", [1, -8, 4, 0.25]),
      ("gradcam++", [0.532164768, -0.461993018, 2.868429764, 0.230996509]),
      ("layercam", [1, -6, 6, 0.25]),
      ("gradcamelementwise", [1, 0, 6, 0.25]),
      ("xgradcam", [-0.135714274, 5.94285699, -5.5857141, -2.97142849]),
      ("eigencam", [-0.431155036, -2.5366736, 3.49685259, -0.529023957]),
      ("eigengradcam", [-0.705599266, 4.87757032, -4.02263459, -0.149336459]),
      ("segeigencam", [-0.629993499, 4.87627055, -4.0313153, -0.214961747]),
    ] as [(String, [Float])])
  func map(name: String, expected: [Float]) throws {
    let map = try #require(ExplanationMethods.named(name) as? any LayerMethod).map(Self.evidence)
    #expect(map.shape == [1, 2, 2])
    expectClose(map, expected)
  }

  @Test("FEM weighs channels by how often they stand out")
  func features() {
    // One of six places is above the mean + 2 standard deviations of the first channel, none of the second.
    let activations = Tensor([0, 0, 0, 0, 0, 6, 1, 2, 1, 2, 1, 2], shape: [1, 2, 1, 6])
    let map = FEM().map(LayerEvidence(activations: activations, gradients: activations))
    expectClose(map, [0, 0, 0, 0, 0, 1])
  }

  @Test("Random weights follow from the seed, and the map from the activation alone")
  func chance() {
    let (a, g) = (Tensor.random([1, 5, 4, 6], seed: 1), Tensor.random([1, 5, 4, 6], seed: 2))
    let map = RandomCAM(seed: 3).map(LayerEvidence(activations: a, gradients: g)).scalars
    #expect(map == RandomCAM(seed: 3).map(LayerEvidence(activations: a, gradients: a)).scalars)
    #expect(map != RandomCAM(seed: 4).map(LayerEvidence(activations: a, gradients: g)).scalars)
  }

  private static let layerMethods = ExplanationMethods.all.compactMap { $0 as? any LayerMethod }

  @Test("Every sample of a batch is mapped on its own", arguments: layerMethods.indices)
  func batch(index: Int) {
    let method = Self.layerMethods[index]
    let (a, g) = (Tensor.random([3, 5, 4, 6], seed: 1), Tensor.random([3, 5, 4, 6], seed: 2))
    let together = method.map(LayerEvidence(activations: a, gradients: g))
    for sample in 0..<3 {
      let range = sample..<sample + 1
      let alone = method.map(LayerEvidence(activations: a.samples(range), gradients: g.samples(range)))
      expectClose(together[sample], alone[0].scalars)
    }
  }

  @Test("pytorch-grad-cam's spellings are understood")
  func names() throws {
    for (text, name) in [("GradCAM", "gradcam"), ("GradCAMPlusPlus", "gradcam++"), ("layer_cam", "layercam")] {
      #expect(try type(of: ExplanationMethods.named(text)).name == name)
    }
    #expect(try ExplanationMethods.named(all: ["all"]).count == ExplanationMethods.all.count)
    let names = ExplanationMethods.all.map { type(of: $0).name }
    #expect(Set(names).count == names.count)
  }

  @Test("An unknown name is answered with all names")
  func unknown() {
    let error = #expect(throws: UnknownMethod.self) { try ExplanationMethods.named("gradcamm") }
    for method in ExplanationMethods.all {
      #expect(error?.description.contains(type(of: method).name) == true)
    }
  }
}
