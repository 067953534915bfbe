import Testing

@testable import Checkpoints

@Suite("KeyMap")
struct KeyMapTests {
  private let torchvision: KeyMap = [
    "conv_proj": "patch_embed.proj",
    "encoder.layers.encoder_layer_{i}": "blocks.{i}",
    "encoder.layers.encoder_layer_{i}.ln_1": "blocks.{i}.norm1",
    "encoder.ln": "norm",
  ]

  @Test(
    "a rule renames parameters and layer paths alike, and keeps what follows",
    arguments: [
      ("conv_proj.weight", "patch_embed.proj.weight"),
      ("conv_proj", "patch_embed.proj"),
      ("encoder.layers.encoder_layer_11.ln_1.bias", "blocks.11.norm1.bias"),
      ("encoder.layers.encoder_layer_11.ln_1", "blocks.11.norm1"),
      ("encoder.layers.encoder_layer_3.ln_2.bias", "blocks.3.ln_2.bias"),
      ("encoder.layers.encoder_layer_3", "blocks.3"),
      ("encoder.ln.weight", "norm.weight"),
    ])
  func renaming(key: String, expected: String) {
    #expect(torchvision.applied(to: key) == expected)
  }

  @Test(
    "components match as a whole, and numbers are numbers",
    arguments: [
      "conv_projection.weight", "encoder", "encoder.ln_1", "encoder.layers.encoder_layer_x.ln_1",
      "encoder.layers.encoder_layer_.ln_1", "encoder.layers.encoder_layer_1a", "x.conv_proj", "",
    ])
  func noMatch(key: String) {
    #expect(torchvision.applied(to: key) == nil)
  }

  @Test("sums shift integers, several in one key; negative indices keep counting from the end")
  func arithmetic() {
    let map: KeyMap = [
      "block{stage}.{i}": "stages.{stage-1}.blocks.{i}", "layers.{i}.downsample": "layers.{i+1}.downsample",
    ]
    #expect(map.applied(to: "block4.12.norm1.weight") == "stages.3.blocks.12.norm1.weight")
    #expect(map.applied(to: "block4.-1.norm1") == "stages.3.blocks.-1.norm1")
    #expect(map.applied(to: "layers.0.downsample.norm") == "layers.1.downsample.norm")
    #expect(map.applied(to: "layers.-1.downsample") == "layers.-1.downsample")
    #expect(map.applied(to: "block\(Int.max).0") == "stages.\(Int.max - 1).blocks.0")
    #expect(map.applied(to: "block99999999999999999999.0") == nil)
  }

  @Test("the rule with the most components wins, and of equally long ones the first")
  func precedence() {
    let map: KeyMap = ["a": "short", "a.b": "first", "a.{i}": "number", "{i}.b": "second", "a.b.c": "long"]
    #expect(map.applied(to: "a.b.c.d") == "long.d")
    #expect(map.applied(to: "a.b.d") == "first.d")
    #expect(map.applied(to: "a.7") == "number")
    #expect(map.applied(to: "a.x") == "short.x")
  }

  @Test("an empty replacement drops components and an empty pattern adds some")
  func emptySides() {
    let dropping: KeyMap = ["model.encoder": ""]
    #expect(dropping.applied(to: "model.encoder.blocks.0") == "blocks.0")
    let adding: KeyMap = ["": "backbone"]
    #expect(adding.applied(to: "blocks.0") == "backbone.blocks.0")
  }

  @Test("a name that occurs twice stands for one integer")
  func repeatedName() {
    let map: KeyMap = ["a{i}.b{i}": "c{i}"]
    #expect(map.applied(to: "a2.b2.w") == "c2.w")
    #expect(map.applied(to: "a2.b3.w") == nil)
  }
}
