import Images
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite("Attention methods")
struct AttentionMethodTests {
  private func error(_ method: any ExplanationMethod, _ name: String) throws -> String {
    let explainer = try Explainer(DemonstrationModel.load(name))
    do {
      try explainer.check([method])
      return ""
    } catch let error as MethodError {
      return error.description
    }
  }

  @Test("A model without attention is refused in one line")
  func none() throws {
    let line =
      "method 'rollout': demo_resnet has no attention between tokens that VitCAM understands; take a method of feature maps "
      + "such as gradcam"
    #expect(try error(AttentionRollout(), "demo_resnet") == line)
    for method in [GradientRollout(), GradientAttention(), LeGrad(), RawAttention()] as [any ExplanationMethod] {
      #expect(try error(method, "demo_resnet").hasPrefix("method '\(type(of: method).name)': demo_resnet has no"))
    }
  }

  @Test("A block or head that does not exist is refused in one line")
  func blocks() throws {
    #expect(
      try error(RawAttention(block: 6), "demo_vit")
        == "method 'attention': block 6: the model has 6 that attend, 0 to 5, or -6 to -1 from the end")
    #expect(try error(RawAttention(block: -7), "demo_vit").contains("block -7"))
    #expect(
      try error(RawAttention(head: 3), "demo_vit")
        == "method 'attention': head 3: block -1 has 3 heads, 0 to 2")
    #expect(try error(RawAttention(block: 0, head: 1), "demo_swin").contains("1 head, 0"))
    #expect(try error(RawAttention(block: -6, head: 2), "demo_vit") == "")
  }

  @Test("On trained weights the gradient × attention relevance of a class lies on its object")
  func pointing() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let input = try DemonstrationModel.scenes([20], for: model)
    // Scene 20 has a ring (class 5) above the middle and a hexagon (8) below.
    let made = try Explainer(model).explain(input, methods: [GradientAttention(), GradientRollout()]) { _, _ in
      [.logit(5), .logit(8)]
    }.explanations[0]
    func center(_ explanation: Explanation) -> Float {
      let map = explanation.rawMaps[0]
      let rows = (0..<12).map { row in (0..<12).reduce(Float(0)) { $0 + map[at: row, $1] } }
      return zip(0..<12, rows).reduce(0) { $0 + Float($1.0) * $1.1 } / rows.reduce(0, +)
    }
    #expect(center(made[0]) < 5 && center(made[1]) < 5)
    #expect(center(made[2]) > 6 && center(made[3]) > 6)
  }

  @Test("Rollout's relevance sums to one where no token joins on the way", arguments: ["demo_swin", "demo_pvt_v2"])
  func conserved(name: String) throws {
    let model = try DemonstrationModel.load(name)
    let made = try Explainer(model).explain(
      DemonstrationModel.scenes([12], for: model),
      methods: [AttentionRollout(), AttentionRollout(headFusion: .max, discardRatio: 0.5), RawAttention(block: 0)]
    ) { _, _ in [.logit(0)] }.explanations[0]
    for explanation in made { #expect(abs(explanation.rawMaps[0].scalars.reduce(0, +) - 1) < 1e-4) }
  }

  @Test("Names and options choose methods, and titles tell them apart")
  func options() throws {
    var options = MethodOptions()
    options.headFusion = .max
    options.discardRatio = 0.9
    options.block = 2
    options.head = 1
    options.samples = 3
    let names = ["rollout", "gradient_rollout", "GradientAttention", "legrad", "attention", "rise", "smooth-grad"]
    let chosen = try names.map { try ExplanationMethods.named($0, options: options) }
    #expect(
      chosen.map(\.title) == [
        "rollout-max-0.9", "gradientrollout-0.9", "gradientattention", "legrad", "attention-block2-head1", "rise",
        "smoothgrad",
      ])
    #expect((chosen[5] as? RISE)?.masks == 3)
    #expect((chosen[6] as? SmoothGrad)?.samples == 3)
    #expect(try ExplanationMethods.named("rollout").title == "rollout")
  }
}
