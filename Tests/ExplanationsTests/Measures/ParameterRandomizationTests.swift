import Architectures
import Checkpoints
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct ParameterRandomizationTests {
  private func randomization(steps: Int) throws -> ParameterRandomization {
    let checkpoint = try StateDictionary(contentsOf: Fixtures.path("../../Weights/demo_resnet.safetensors"))
    return try ParameterRandomization(DemonstrationModel.load("demo_resnet"), checkpoint: checkpoint, steps: steps)
  }

  @Test("The cascade goes from the classifier to the first convolution, in steps of one size")
  func cascade() throws {
    let all = try randomization(steps: 100)
    #expect(all.counts == Array(1...15))
    let modules = try [0, 3, 6, 9, 12, 13, 14].map { try all.step($0).module }
    #expect(modules == ["fc", "layer4.0", "layer3.0", "layer2.0", "layer1.0", "bn1", "conv1"])
    #expect(try randomization(steps: 1).counts == [15])
    #expect(try randomization(steps: 3).counts == [1, 8, 15])
    #expect(try randomization(steps: 4).counts == [1, 6, 10, 15])
  }

  @Test("A step changes its modules and those above, and leaves those below as they are")
  func steps() throws {
    let trained = try DemonstrationModel.load("demo_resnet")
    let random = try randomization(steps: 100).step(1).model
    let picture = DemonstrationModel.pictures(1)
    func features(_ model: Model, _ layer: String) throws -> [Float] {
      let node = try model.graph.node(at: LayerPath(layer))
      let trace = try model.graph.run(picture, keeping: .only([node]))
      return try #require(trace[node]).scalars
    }
    for layer in ["conv1", "layer1[-1]", "layer3[-1]"] {
      #expect(try features(random, layer) == features(trained, layer))
    }
    #expect(try features(random, "layer4[-1]") != features(trained, "layer4[-1]"))
  }

  @Test("Spearman's correlation by SciPy's example, whatever the scale")
  func spearman() {
    #expect(abs(Correlation.spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) - 0.82078268) < 1e-6)
    #expect(abs(Correlation.spearman([1, 20, 300, 4e3, 5e4], [-5, -4, 7, 8, 7]) - 0.82078268) < 1e-6)
  }

  @Test("The structural similarity of two even maps is that of their brightness")
  func similarity() {
    let (a, b) = (Tensor(repeating: 0.5, shape: [16, 20]), Tensor(repeating: 0.25, shape: [16, 20]))
    // (2 · 0.5 · 0.25 + 0.0001) / (0.5² + 0.25² + 0.0001)
    #expect(abs(StructuralSimilarity()(a, b) - 0.80006398) < 1e-4)
    #expect(abs(StructuralSimilarity()(a, a) - 1) < 1e-5)
  }
}
