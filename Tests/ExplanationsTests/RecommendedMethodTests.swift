import Architectures
import Explanations
import TestSupport
import Testing

@Suite struct RecommendedMethodTests {
  @Test(
    "Where nobody names a method it is relevance; at a named layer HiResCAM for models that attend, Grad-CAM for others",
    arguments: [("demo_vit", "hirescam"), ("demo_swin", "hirescam"), ("demo_resnet", "gradcam")])
  func recommended(architecture: String, atLayer method: String) throws {
    let model = try DemonstrationModel.load(architecture)
    #expect(try Explainer(model).methods(named: []).fitting.map(\.title) == ["relevance"])
    let explainer = try Explainer(model, layers: [model.recommendedLayer])
    #expect(try explainer.methods(named: []).fitting.map(\.title) == [method])
  }

  @Test("quick stands for the methods of all that do not run the whole model again")
  func quick() throws {
    let explainer = try Explainer(DemonstrationModel.load("demo_resnet"))
    let quick = try explainer.methods(named: ["quick"]).fitting.map(\.title)
    let all = try explainer.methods(named: ["all"]).fitting.map(\.title)
    #expect(
      Set(all).subtracting(quick) == [
        "smoothgradcam++", "scorecam", "integratedgradients", "smoothgrad", "occlusion", "rise",
      ])
    #expect(Set(quick).isSubset(of: all))
  }
}
