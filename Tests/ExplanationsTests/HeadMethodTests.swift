import Architectures
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// Methods that look at the whole model rather than at a layer.
@Suite struct HeadMethodTests {
  @Test("FullGrad's terms, with their signs, add up to the score of a network of ReLUs")
  func completeness() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let (graph, input) = (model.graph, DemonstrationModel.pictures(1))
    let biased = graph.nodes.indices.filter { graph.nodes[$0].op.channelBias != nil }
    let nodes = [graph.input] + biased
    let evidence = try Explainer.evidence(
      of: model, input: input, targets: [.logit(3)], layers: nodes.map { LayerPath(graph.nodes[$0].name) })
    var sum = zip(input.scalars, evidence[0].gradient.scalars).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    for (node, found) in zip(biased, evidence.dropFirst()) {
      let bias = try #require(graph.nodes[node].op.channelBias).scalars
      let size = found.gradient.count / bias.count
      for (index, gradient) in found.gradient.scalars.enumerated() {
        sum += Double(bias[index / size]) * Double(gradient)
      }
    }
    let logits = try graph.run(input, keeping: .only([graph.output]))[graph.output]
    let score = try #require(logits)[at: 0, 3]
    #expect(abs(Float(sum) - score) < 1e-4 * max(1, abs(score)))
  }

  @Test("The original CAM needs a head of average and linear layer, and says what to take otherwise")
  func originalCAM() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_vit"))
    let error = #expect(throws: MethodError.self) { try explainer.check([CAM()]) }
    #expect(error?.description.contains("gradcam") == true)
    let (fitting, leftOut) = try explainer.methods(named: ["all", "gradcam"])
    #expect(leftOut.map(\.method).contains("cam"))
    #expect(fitting.count(where: { $0.title == "gradcam" }) == 1)
    #expect(throws: MethodError.self) { try explainer.methods(named: ["all", "cam"]) }
  }

  @Test("For a class, the original CAM is Grad-CAM at what is averaged, times the number of places")
  func camIsGradCAM() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"), layers: ["layer4[-1]"])
    let batch = try explainer.explain(DemonstrationModel.pictures(1), methods: [CAM(), GradCAM()]) { _, _ in [.logit(2)]
    }
    let (cam, gradCAM) = (batch.explanations[0][0], batch.explanations[0][1])
    expectClose(cam.rawMaps[0], gradCAM.rawMaps[0] * 144, tolerance: .relative(1e-5))
    #expect(cam.layers == ["layer4.0.act2"])
  }

  @Test("Kernel PCA refuses layers of so many places that its kernel fills the memory")
  func kernelSize() throws {
    let model = try DemonstrationModel.load("demo_resnet", imageSize: ImageSize(height: 224, width: 224))
    #expect(throws: MethodError.self) { try Explainer(model, layers: ["conv1"]).check([KernelPCACAM()]) }
    try Explainer(model, layers: ["layer2"]).check([KernelPCACAM()])
  }

  @Test("A method whose map is no weighted sum cannot be eigen-smoothed")
  func smoothing() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let smooth = MethodOptions(eigenSmooth: true)
    #expect(throws: MethodError.self) { try explainer.methods(named: ["eigencam"], options: smooth) }
    let (fitting, leftOut) = try explainer.methods(named: ["all"], options: smooth)
    #expect(fitting.contains { $0.title == "gradcam-eigen-smooth" })
    #expect(leftOut.map(\.method).contains("eigencam"))
  }
}
