import LayerGraph
import Tensors
import Testing

@testable import Architectures

@Suite("ImageNet-1k's names")
struct ImageNetClassesTests {
  private struct Scores: Architecture {
    func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
      m.classifier("fc", m.globalAveragePool("pool", picture))
    }
  }

  private func model(classes: Int) throws -> Model {
    var model = try Model(
      name: "own", Scores(),
      parameters: [
        "fc.weight": Tensor(repeating: 0, shape: [classes, 3]), "fc.bias": Tensor(repeating: 0, shape: [classes]),
      ], preprocessing: .init(size: .init(square: 2)))
    model.assumeImageNetLabels()
    return model
  }

  @Test("are known, in the order of the outputs")
  func names() {
    #expect(ImageNetClasses.names.count == 1000)
    #expect(ImageNetClasses.names[281] == "tabby, tabby cat")
    #expect(ImageNetClasses.names[999] == "toilet tissue, toilet paper, bathroom tissue")
  }

  @Test("are taken where a model has 1000 classes, which is said, and no longer where the user names others")
  func assumed() throws {
    var model = try model(classes: 1000)
    #expect(model.labels?[0] == "tench, Tinca tinca")
    #expect(model.assumptions.count == 1 && model.assumptions[0].contains("--labels"))
    model.labels = Array(repeating: "own", count: 1000)
    #expect(model.assumptions.isEmpty)
    #expect(try self.model(classes: 999).labels == nil)
  }
}
