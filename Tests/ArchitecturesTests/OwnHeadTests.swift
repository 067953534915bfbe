import Checkpoints
import Foundation
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Architectures

/// Heads of one's own, and trunks under any prefix, against PyTorch (Tests/Fixtures/Parity/make_heads.py).
@Suite("Heads of one's own") struct OwnHeadTests {
  /// What PyTorch gives for one case.
  private struct Case: Decodable {
    let trunk: String
    let children: Bool
    let own: [String: [Int]]
    let logits: [Float]
  }

  private static let file = Result {
    try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("Parity/heads.json")))
  }

  private static func read(_ name: String) throws -> (Case, checkpoint: StateDictionary) {
    let fields = try #require(try JSONSerialization.jsonObject(with: file.get()) as? [String: Any])
    func decoded<Value: Decodable>(_ key: String) throws -> Value {
      let field = try #require(fields[key])
      return try JSONDecoder().decode(Value.self, from: JSONSerialization.data(withJSONObject: field))
    }
    let known: Case = try decoded(name)
    let trunk: [String: [Int]] = try decoded("parameters")
    let numbers = ["conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"]
    var shapes = known.own
    for (key, shape) in trunk {
      let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
      shapes[known.trunk + (known.children ? "\(numbers[parts[0]] ?? parts[0]).\(parts[1])" : key)] = shape
    }
    return (known, StateDictionary(tensors: DeterministicParameters.values(of: shapes)))
  }

  private static func model(_ checkpoint: StateDictionary, head: String? = nil, output: String? = nil) throws -> Model {
    try Model(
      ModelDescription.named("resnet18"), checkpoint: checkpoint, imageSize: ImageSize(square: 64),
      head: head.map { try HeadSpecification(parsing: $0) }, output: output)
  }

  private static func logits(_ model: Model) throws -> [Float] {
    let input = DeterministicParameters.input([1, 3, 64, 64])
    return try #require(try model.graph.run(input)[model.graph.output]).scalars
  }

  @Test(
    "give PyTorch's logits, under any prefix",
    arguments: ["mlp", "dropout", "norms", "no_activation", "encoder", "whole_behind", "children", "fastai"])
  func parity(name: String) throws {
    let (known, checkpoint) = try Self.read(name)
    let logits = try Self.logits(Self.model(checkpoint))
    #expect(logits.count == known.logits.count)
    let largest = known.logits.map(abs).max() ?? 0
    for (ours, theirs) in zip(logits, known.logits) { #expect(abs(ours - theirs) <= 1e-4 * largest) }
    #expect(ModelDescription.fitting(checkpoint) == ["resnet18"])
  }

  @Test("an activation that the file cannot show is said, and none is where there is no gap")
  func assumption() throws {
    let assumed = try Self.model(Self.read("mlp").checkpoint).assumptions
    #expect(assumed.contains { $0.contains("fc.0 (linear 512→12), relu (assumed), fc.3 (linear 12→4)") })
    #expect(assumed.contains { $0.contains("--classifier") })
    let plain = try Self.model(Self.read("no_activation").checkpoint).assumptions
    #expect(plain.contains { $0.contains("fc.0 (layer norm), fc.1 (linear 512→12), fc.2 (linear 12→4)") })
    #expect(!plain.contains { $0.contains("assumed") })
  }

  @Test("the user says what stands in the gap")
  func specification() throws {
    let checkpoint = try Self.read("mlp").checkpoint
    let relu = try Self.logits(Self.model(checkpoint))
    #expect(try Self.logits(Self.model(checkpoint, head: "linear relu dropout linear")) == relu)
    #expect(try Self.logits(Self.model(checkpoint, head: "linear gelu linear")) != relu)
    #expect(throws: GraphError.self) { try Self.model(checkpoint, head: "linear relu layernorm linear") }
    #expect(throws: WeightsError.self) { try HeadSpecification(parsing: "linear rellu linear") }
  }

  @Test("buffers of a loss are left out and said")
  func buffers() throws {
    let notes = try Self.model(Self.read("encoder").checkpoint).notes
    #expect(notes.contains { $0.contains("'criterion.weight' is left out") })
    #expect(notes.contains { $0.contains("lies under 'encoder.'") })
  }

  @Test("of several heads one is named")
  func severalHeads() throws {
    let (_, checkpoint) = try Self.read("dropout")
    var tensors = [String: Tensor]()
    for name in checkpoint.names where !name.hasPrefix("fc.") { tensors[name] = try checkpoint.tensor(name) }
    for (name, classes) in [("age", 3), ("sex", 2)] {
      tensors["\(name).weight"] = Tensor(repeating: 0.5, shape: [classes, 512])
      tensors["\(name).bias"] = Tensor(repeating: 0.5, shape: [classes])
    }
    let weights = StateDictionary(tensors: tensors)
    let error = #expect(throws: GraphError.self) { try Self.model(weights) }
    #expect(error?.description.contains("age (3 outputs), sex (2 outputs)") == true)
    #expect(try Self.model(weights, output: "sex").classCount == 2)
  }

  @Test("layers that are no head are named as unused")
  func unused() throws {
    let (_, checkpoint) = try Self.read("dropout")
    var tensors = [String: Tensor]()
    for name in checkpoint.names { tensors[name] = try checkpoint.tensor(name) }
    tensors["layer5.0.conv1.weight"] = Tensor(repeating: 0, shape: [8, 512, 3, 3])
    let error = #expect(throws: ModelError.self) { try Self.model(StateDictionary(tensors: tensors)) }
    #expect(error?.description.contains("layer5.0.conv1.weight") == true)
  }

  @Test("of twin trunks one is taken, and the other is said")
  func twins() throws {
    let (_, checkpoint) = try Self.read("dropout")
    var tensors = [String: Tensor]()
    for name in checkpoint.names where !name.hasPrefix("fc.") {
      for owner in ["student", "teacher"] { tensors["\(owner).\(name)"] = try checkpoint.tensor(name) }
    }
    let notes = try Self.model(StateDictionary(tensors: tensors)).notes
    #expect(notes.contains { $0.contains("under 'student.'") })
    #expect(notes.contains { $0.contains("'teacher.' as well, which is not taken") })
  }
}
