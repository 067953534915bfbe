import Checkpoints
import Foundation
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Architectures

/// Models of transformers by their configurations, against transformers (Tests/Fixtures/Parity/make_hugging_face.py).
@Suite("Hugging Face's models") struct HuggingFaceTests {
  private struct Case: Decodable {
    let side: Int
    let config: JSONValue
    let parameters: [String: [Int]]
    let logits: [Float]

    var entries: [String: JSONValue] { if case .object(let entries) = config { entries } else { [:] } }

    var checkpoint: StateDictionary { StateDictionary(tensors: DeterministicParameters.values(of: parameters)) }

    func model(changing changes: [String: JSONValue] = [:]) throws -> Model {
      let entries = entries.merging(changes) { _, new in new }
      let checkpoint = checkpoint
      var config = HubConfiguration(
        file: "config.json", entries: entries, family: entries["model_type"]?.text ?? "", weights: checkpoint)
      var description = try ModelDescription.huggingFace(&config)
      description.configuration = "config.json"
      return try Model(description, checkpoint: checkpoint, imageSize: ImageSize(square: side))
    }
  }

  private static let file = Result {
    try JSONDecoder().decode(
      [String: Case].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("Parity/hugging_face.json"))))
  }

  @Test(
    "give transformers' logits",
    arguments: ["vit", "deit", "beit", "dinov2_with_registers", "swin", "convnextv2", "resnet", "pvt_v2"])
  func parity(name: String) throws {
    let known = try #require(try Self.file.get()[name])
    let model = try known.model()
    let input = DeterministicParameters.input([1, 3, known.side, known.side])
    let logits = try #require(try model.graph.run(input)[model.graph.output]).scalars
    #expect(logits.count == known.logits.count)
    for (ours, theirs) in zip(logits, known.logits) { #expect(abs(ours - theirs) <= 1e-4 * max(1, abs(theirs))) }
  }

  @Test("have layers under both spellings of transformers")
  func layers() throws {
    let model = try #require(try Self.file.get()["vit"]).model()
    let ours = try model.graph.node(at: "blocks[-1].norm1")
    #expect(try model.graph.node(at: "vit.encoder.layer[-1].layernorm_before") == ours)
    #expect(try model.graph.node(at: "vit.layers[-1].layernorm_before") == ours)
  }

  @Test(
    "are refused in one line where the configuration cannot be true",
    arguments: [
      ("hidden_size", JSONValue.number(-3)), ("hidden_size", .number(1e9)), ("num_hidden_layers", .number(1e18)),
      ("num_hidden_layers", .number(3)), ("num_attention_heads", .number(7)), ("hidden_act", .string("other")),
      ("model_type", .string("levit")), ("patch_size", .string("8")),
    ])
  func refused(key: String, value: JSONValue) throws {
    let known = try #require(try Self.file.get()["vit"])
    let error = #expect(throws: (any Error).self) { try known.model(changing: [key: value]) }
    let text = try String(describing: #require(error))
    #expect(text.contains("config.json") && !text.contains("\n"))
  }
}
