import Images
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite("Methods of pixels")
struct PixelMethodTests {
  private func maps(
    _ methods: [any ExplanationMethod], _ name: String = "demo_pvt_v2", pictures: Tensor? = nil
  ) throws -> [[Explanation]] {
    let model = try DemonstrationModel.load(name)
    return try Explainer(model).explain(
      pictures ?? DemonstrationModel.scenes([20], for: model), methods: methods
    ) { _, _ in [.logit(5)] }.explanations
  }

  @Test("Integrated gradients sum to what the picture adds to the score of gray")
  func completeness() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let picture = try DemonstrationModel.scenes([20], for: model)
    let gray = try model.graph.run(picture * 0)[model.graph.output]?.scalars[5]
    let explanation = try maps([IntegratedGradients(steps: 100)], "demo_vit")[0][0]
    let sum = explanation.rawMaps[0].scalars.reduce(0, +)
    #expect(abs(sum - (explanation.score - (try #require(gray)))) < 0.02 * abs(explanation.score))
  }

  @Test("A picture's maps do not depend on the others in its batch")
  func batches() throws {
    let methods: [any ExplanationMethod] = [
      InputXGradient(), IntegratedGradients(steps: 3), SmoothGrad(samples: 3), Occlusion(side: 48), RISE(masks: 5),
      GuidedBackpropagation(), GuidedGradCAM(), AttentionRollout(), GradientRollout(), GradientAttention(), LeGrad(),
    ]
    let model = try DemonstrationModel.load("demo_pvt_v2")
    let pictures = try DemonstrationModel.scenes([20, 12], for: model)
    let both = try maps(methods, pictures: pictures)
    let second = try maps(methods, pictures: pictures.samples(1..<2))
    for (together, alone) in zip(both[1], second[0]) {
      expectClose(together.rawMaps[0], alone.rawMaps[0], tolerance: .relative(1e-4), together.method)
    }
  }

  @Test("Chance follows from the seed")
  func seeds() throws {
    let made = try maps([
      SmoothGrad(samples: 2), SmoothGrad(samples: 2), SmoothGrad(samples: 2, seed: 1), RISE(masks: 3), RISE(masks: 3),
      RISE(masks: 3, seed: 1),
    ])[0].map { $0.rawMaps[0].scalars }
    #expect(made[0] == made[1])
    #expect(made[0] != made[2])
    #expect(made[3] == made[4])
    #expect(made[3] != made[5])
  }

  @Test("The noise is normal")
  func noise() {
    let random = SeededRandom(seed: 3)
    let values = (0..<20_000).map { random.normal(at: $0) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.03)
    #expect(abs(Double(values.count { abs($0) < 1 }) / Double(values.count) - 0.6827) < 0.01)
  }

  @Test("Masks lie between closed and open, half open in the mean, for any size of picture")
  func masks() {
    for size in [ImageSize(square: 96), ImageSize(height: 5, width: 3), ImageSize(height: 50, width: 71)] {
      let masks = (0..<200).map { RISE().mask($0, size: size) }
      #expect(masks.allSatisfy { $0.count == size.count && $0.allSatisfy { (0...1).contains($0) } })
      let mean = masks.joined().reduce(Double(0)) { $0 + Double($1) } / Double(200 * size.count)
      #expect(abs(mean - 0.5) < 0.03)
    }
  }

  @Test("Occlusion of a picture without content changes nothing, and squares may be as large as the picture")
  func occlusion() throws {
    let gray = Tensor(repeating: 0, shape: [1, 3, 96, 96])
    let made = try maps([Occlusion(side: 96), Occlusion(side: 1000, step: 7)], pictures: gray)[0]
    for explanation in made {
      expectClose(explanation.rawMaps[0], Tensor(repeating: 0, shape: [96, 96]), tolerance: .absolute(1e-4))
    }
  }

  @Test("What fails the sanity checks says so in every result")
  func caution() throws {
    let made = try maps([GuidedBackpropagation(), GuidedGradCAM(), InputXGradient()])[0]
    #expect(made[0].diagnostics == [.failsSanityChecks(method: "guidedbackprop")])
    #expect(made[1].diagnostics.contains(.failsSanityChecks(method: "guidedgradcam")))
    #expect(made[2].diagnostics.isEmpty)
    #expect(GuidedBackpropagation.summary.contains("fails the sanity checks"))
    #expect(GuidedGradCAM.summary.contains("fails the sanity checks"))
  }
}
