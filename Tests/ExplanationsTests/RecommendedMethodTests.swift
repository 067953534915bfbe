import Architectures
import Explanations
import TestSupport
import Testing

@Suite struct RecommendedMethodTests {
  @Test(
    "Where nobody names a method it is relevance, at the picture or at the layers that are named",
    arguments: ["demo_vit", "demo_resnet"])
  func recommended(architecture: String) throws {
    let model = try DemonstrationModel.load(architecture)
    let input = try DemonstrationModel.scenes([20], for: model)
    for layers in [[], [model.recommendedLayer]] {
      let explainer = try Explainer(model, layers: layers)
      let methods = try explainer.methods(named: []).fitting
      #expect(methods.map(\.title) == ["relevance"])
      let map = try explainer.explain(input, methods: methods) { _, _ in [.logit(5)] }.explanations[0][0]
      #expect(map.layers == (layers.isEmpty ? ["input"] : [model.recommendedLayer.description]))
      let size = layers.isEmpty ? model.imageSize : explainer.grids[0]
      #expect(map.rawMaps[0].shape == [size.height, size.width])
    }
  }

  @Test(
    "Eigen-smooth is of HiResCAM for models that attend, of Grad-CAM for others",
    arguments: [("demo_vit", "hirescam-eigen-smooth"), ("demo_resnet", "gradcam-eigen-smooth")])
  func eigenSmooth(architecture: String, method: String) throws {
    let explainer = try Explainer(DemonstrationModel.load(architecture))
    #expect(
      try explainer.methods(named: [], options: MethodOptions(eigenSmooth: true)).fitting.map(\.title) == [method])
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
