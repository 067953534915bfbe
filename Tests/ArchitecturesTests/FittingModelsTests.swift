import Checkpoints
import LayerGraph
import Tensors
import Testing

@testable import Architectures

@Suite("What of a checkpoint fits a model")
struct FittingModelsTests {
  @Test("a number of classes that no features stand behind is not believed")
  func classCount() throws {
    let weights = StateDictionary(tensors: ["fc.weight": Tensor(repeating: 0, shape: [4_000_000, 1])])
    let mismatch = try #require(try ModelDescription.named("resnet18").mismatch(with: weights))
    #expect(mismatch.misshapen.map(\.name) == ["fc.weight"])
    #expect(mismatch.misshapen.first?.expected == [1000, 512])
  }

  @Test("a shape without elements stands for no parameter")
  func emptyShape() throws {
    let empty = Tensor([], shape: [1 << 40, 0])
    let weights = StateDictionary(tensors: ["head.weight": empty, "pos_embed": Tensor([], shape: [0, 1 << 40, 192])])
    let mismatch = try #require(try ModelDescription.named("vit_tiny_patch16_224").mismatch(with: weights))
    #expect(mismatch.misshapen.isEmpty)
    #expect(mismatch.missing.contains("pos_embed"))
  }

  @Test("whether the X-ray classifier's last convolution has a bias is what the file says", arguments: [false, true])
  func classifierBias(isThere: Bool) throws {
    var tensors = ["classifier.0.weight": Tensor(repeating: 0, shape: [1, 1024, 8, 8])]
    if isThere { tensors["classifier.0.bias"] = Tensor(repeating: 0, shape: [1]) }
    let mismatch = try #require(
      try ModelDescription.named("xray_resnet").mismatch(with: StateDictionary(tensors: tensors)))
    #expect(!mismatch.missing.contains { $0.hasPrefix("classifier") })
    #expect(mismatch.unused.isEmpty)
  }
}
