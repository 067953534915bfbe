import Architectures
import Checkpoints
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@Suite struct ModelTests {
  private func mismatch(_ name: String, _ checkpoint: StateDictionary) throws -> (ParameterMismatch, [String], String) {
    let error = try #require(
      #expect(throws: ModelError.self) { try Model(ModelDescription.named(name), checkpoint: checkpoint) })
    guard case .mismatch(_, _, let mismatch, let fitting) = error else { throw error }
    return (mismatch, fitting, error.description)
  }

  @Test("All that is missing, unused and misshapen is reported at once")
  func mismatches() throws {
    let checkpoint = try DemonstrationCheckpoint.variation(
      of: "demo_vit",
      replacing: [
        "norm.weight": nil, "blocks.2.mlp.fc1.bias": nil, "extra.weight": Tensor(repeating: 0, shape: [3]),
        "cls_token": Tensor(repeating: 0, shape: [1, 1, 64]),
      ])
    let (mismatch, fitting, description) = try mismatch("demo_vit", checkpoint)
    #expect(Set(mismatch.missing) == ["norm.weight", "blocks.2.mlp.fc1.bias"])
    #expect(mismatch.unused == ["extra.weight"])
    #expect(mismatch.misshapen.map(\.name) == ["cls_token"])
    #expect(mismatch.misshapen.map(\.expected) == [[1, 1, 96]])
    #expect(mismatch.misshapen.map(\.found) == [[1, 1, 64]])
    #expect(fitting.isEmpty)
    #expect(!description.contains("\n"))
    for fragment in ["norm.weight", "extra.weight", "1×1×64", "no known architecture fits"] {
      #expect(description.contains(fragment))
    }
  }

  @Test("The architecture that fits instead is named")
  func fitting() throws {
    let (_, fitting, description) = try mismatch("demo_resnet", DemonstrationCheckpoint.load("demo_vit"))
    #expect(fitting == ["demo_vit"])
    #expect(description.contains("it fits demo_vit"))
  }

  @Test("A checkpoint says how many channels its pictures have")
  func oneChannel() throws {
    let filters = Tensor(repeating: 0, shape: [64, 1, 7, 7])
    let checkpoint = try DemonstrationCheckpoint.variation(of: "demo_resnet", replacing: ["conv1.weight": filters])
    let model = try Model(ModelDescription.named("demo_resnet"), checkpoint: checkpoint)
    #expect(model.graph.nodes[model.graph.input].shape == [1, 96, 96])
    #expect(model.preprocessing.channelCount == 1)
  }

  @Test("Labels, mean and deviation of the metadata are honoured")
  func metadata() throws {
    let labels = (0..<10).map { "label \($0)" }
    let checkpoint = try DemonstrationCheckpoint.variation(
      of: "demo_vit",
      metadata: ["classes": labels.joined(separator: ","), "mean": "0.1,0.2,0.3", "std": "0.4, 0.5, 0.6"])
    let model = try Model(ModelDescription.named("demo_vit"), checkpoint: checkpoint)
    #expect(model.labels == labels)
    #expect(model.preprocessing.mean == [0.1, 0.2, 0.3])
    #expect(model.preprocessing.standardDeviation == [0.4, 0.5, 0.6])
    #expect(model.classCount == 10)
  }

  @Test(
    "Metadata that makes no sense is left aside",
    arguments: [
      ["classes": "one,two"], ["mean": "1,2"], ["mean": "nan,0,0"], ["std": "0,1,1"], ["std": "a,b,c"],
    ])
  func senselessMetadata(metadata: [String: String]) throws {
    let checkpoint = try DemonstrationCheckpoint.variation(of: "demo_vit", metadata: metadata)
    let description = try ModelDescription.named("demo_vit")
    let model = try Model(description, checkpoint: checkpoint)
    #expect(model.labels == nil)
    #expect(model.preprocessing.mean == description.preprocessing.mean)
    #expect(model.preprocessing.standardDeviation == description.preprocessing.standardDeviation)
  }

  @Test("The architecture is read from the metadata, or else from the parameters")
  func recognition() throws {
    let named = try DemonstrationCheckpoint.variation(of: "demo_vit", metadata: ["architecture": "resnet18"])
    #expect(try ModelDescription.recognized(in: named).name == "resnet18")
    let unknown = try DemonstrationCheckpoint.variation(of: "demo_vit", metadata: ["architecture": "mine"])
    #expect(try ModelDescription.recognized(in: unknown).name == "demo_vit")
    let foreign = StateDictionary(tensors: ["w": Tensor(repeating: 0, shape: [2])])
    #expect(throws: WeightsError.self) { try ModelDescription.recognized(in: foreign) }
  }

  @Test("The head decides how many classes there are")
  func classes() throws {
    let checkpoint = try DemonstrationCheckpoint.variation(
      of: "demo_vit",
      replacing: ["head.weight": Tensor(repeating: 0, shape: [3, 96]), "head.bias": Tensor(repeating: 0, shape: [3])])
    #expect(try Model(ModelDescription.named("demo_vit"), checkpoint: checkpoint).classCount == 3)
  }

  @Test("Another input size resamples the position embeddings")
  func imageSize() throws {
    let model = try Model(
      ModelDescription.named("demo_vit"), checkpoint: DemonstrationCheckpoint.load("demo_vit"),
      imageSize: ImageSize(height: 64, width: 128))
    let node = try model.graph.node(at: "blocks[-1].norm1")
    #expect(model.graph.nodes[node].shape == [129, 96])
    #expect(model.layout(of: node) == .tokens(leading: 1, grid: ImageSize(height: 8, width: 16)))
  }
}
