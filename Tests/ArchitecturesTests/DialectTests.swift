import Architectures
import Checkpoints
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

/// Checkpoints and layer paths under other libraries' names.
@Suite struct DialectTests {
  /// The demonstration ViT's parameters under torchvision's names.
  private static let names: [(prefix: String, torchvision: @Sendable (Int) -> String)] = [
    ("norm1", { "encoder.layers.encoder_layer_\($0).ln_1" }),
    ("norm2", { "encoder.layers.encoder_layer_\($0).ln_2" }),
    ("attn.qkv.weight", { "encoder.layers.encoder_layer_\($0).self_attention.in_proj_weight" }),
    ("attn.qkv.bias", { "encoder.layers.encoder_layer_\($0).self_attention.in_proj_bias" }),
    ("attn.proj", { "encoder.layers.encoder_layer_\($0).self_attention.out_proj" }),
    ("mlp.fc1", { "encoder.layers.encoder_layer_\($0).mlp.0" }),
    ("mlp.fc2", { "encoder.layers.encoder_layer_\($0).mlp.3" }),
  ]

  private func torchvisionCheckpoint() throws -> StateDictionary {
    let plain = [
      "cls_token": "class_token", "pos_embed": "encoder.pos_embedding", "patch_embed.proj": "conv_proj",
      "norm": "encoder.ln", "head": "heads.head",
    ]
    return try DemonstrationCheckpoint.load("demo_vit").renamed { key in
      let parts = key.split(separator: ".", maxSplits: 2).map(String.init)
      if parts[0] == "blocks", let index = Int(parts[1]),
        let rule = Self.names.first(where: { parts[2].hasPrefix($0.prefix) })
      {
        return rule.torchvision(index) + parts[2].dropFirst(rule.prefix.count)
      }
      guard let rule = plain.first(where: { key == $0.key || key.hasPrefix($0.key + ".") }) else { return key }
      return rule.value + key.dropFirst(rule.key.count)
    }
  }

  @Test("A ViT with torchvision's names gives the same logits")
  func sameLogits() throws {
    let description = try ModelDescription.named("demo_vit")
    let theirs = try Model(description, checkpoint: torchvisionCheckpoint())
    let ours = try Model(description, checkpoint: DemonstrationCheckpoint.load("demo_vit"))
    let picture = Tensor.random([1, 3, 96, 96], seed: 3)
    let logits = try [theirs, ours].map { model in
      try #require(try model.graph.run(picture)[model.graph.output]).scalars
    }
    #expect(logits[0] == logits[1])
    #expect(theirs.notes.contains { $0.contains("torchvision") })
    #expect(try ModelDescription.recognized(in: torchvisionCheckpoint()).name == "demo_vit")
  }

  @Test(
    "Layer paths of both libraries mean the same layers",
    arguments: [
      ("encoder.layers[-1].ln_1", "blocks[-1].norm1"),
      ("encoder.layers.encoder_layer_5.ln_1", "blocks.5.norm1"),
      ("encoder.layers.encoder_layer_0", "blocks[0]"),
      ("encoder.layers[2].self_attention", "blocks[2].attn"),
      ("encoder.layers[-3].mlp", "blocks[-3].mlp"),
      ("encoder.layers", "blocks"),
      ("encoder.ln", "norm"),
      ("heads.head", "head"),
      ("conv_proj", "patch_embed.proj"),
    ])
  func layers(theirs: String, ours: String) throws {
    let model = try Model(ModelDescription.named("demo_vit"), checkpoint: torchvisionCheckpoint())
    #expect(try model.graph.node(at: LayerPath(theirs)) == model.graph.node(at: LayerPath(ours)))
  }

  @Test("A misspelt path is answered with names of either library")
  func near() throws {
    let model = try Model(ModelDescription.named("demo_vit"), checkpoint: torchvisionCheckpoint())
    let error = #expect(throws: LayerPathError.self) { try model.graph.node(at: "encoder.layers.encoder_layer_5.ln_3") }
    #expect(error?.near.contains("encoder.layers.encoder_layer_5.ln_1") == true)
  }
}
