import Checkpoints
import Images
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// The methods of pixels against Captum, with the same noise and masks (Tests/Fixtures/Parity/make_pixels.py).
@Suite("Parity of methods of pixels")
struct PixelParityTests {
  private static let methods: [any ExplanationMethod] = [
    InputXGradient(), IntegratedGradients(steps: 10), SmoothGrad(samples: 4, seed: 7), Occlusion(side: 20, step: 12),
    RISE(masks: 40, seed: 7), GuidedBackpropagation(),
  ]

  @Test("The maps agree", arguments: ["demo_resnet", "demo_vit"])
  func agrees(name: String) throws {
    let file = try SafetensorsFile(contentsOf: Fixtures.path("Parity/pixels.safetensors"))
    let model = try DemonstrationModel.load(name)
    let batch = try Explainer(model).explain(
      DemonstrationModel.scenes([20, 12], for: model), methods: Self.methods
    ) { picture, _ in [.logit([5, 2][picture])] }
    for (index, method) in Self.methods.enumerated() {
      let expected = try file.tensor("\(name)/\(method.title)")
      for (picture, explanations) in batch.explanations.enumerated() {
        #expect(explanations[index].layers == ["input"])
        expectClose(
          sampled(explanations[index].rawMaps[0]), expected[picture], tolerance: .relative(1e-3),
          "\(name) \(method.title) \(picture)")
      }
    }
  }

  @Test("Guided Grad-CAM agrees but for its scale")
  func guidedGradCAM() throws {
    let file = try SafetensorsFile(contentsOf: Fixtures.path("Parity/pixels.safetensors"))
    let model = try DemonstrationModel.load("demo_resnet")
    let batch = try Explainer(model, layers: ["layer4[-1]"]).explain(
      DemonstrationModel.scenes([20, 12], for: model), methods: [GuidedGradCAM()]
    ) { picture, _ in [.logit([5, 2][picture])] }
    for (picture, explanations) in batch.explanations.enumerated() {
      let expected = try file.tensor("demo_resnet/guidedgradcam")[picture]
      let found = sampled(explanations[0].rawMaps[0])
      func largest(_ tensor: Tensor) -> Float { tensor.scalars.max() ?? 0 }
      expectClose(found * (largest(expected) / largest(found)), expected, tolerance: .relative(1e-3))
    }
  }

  /// Every sixth row and column from the second on, which is what the fixture keeps.
  private func sampled(_ map: Tensor) -> Tensor {
    let places = Array(stride(from: 1, to: map.shape[0], by: 6))
    return Tensor(places.flatMap { row in places.map { map[at: row, $0] } }, shape: [places.count, places.count])
  }
}
