import Images
import LayerGraph
import Testing

@testable import Architectures

@Suite("Attention layers")
struct AttentionLayerTests {
  @Test("A ViT's are between all its tokens, and the classifier reads the class token")
  func transformer() throws {
    let model = try Model(ModelDescription.named("demo_vit"), checkpoint: DemonstrationCheckpoint.load("demo_vit"))
    let layers = model.attentionLayers
    #expect(layers.map(\.name) == (0..<6).map { "blocks.\($0).attn" })
    #expect(layers.map(\.block) == (0..<6).map { model.graph.names["blocks.\($0)"] })
    #expect(
      Set(layers.map(\.layout)) == [
        AttentionLayout(leading: 1, grid: ImageSize(square: 12), keys: .sameTokens)
      ])
    #expect(model.tokensRead(behind: layers[5]) == [0])
  }

  @Test("A Swin's are within windows, every second one shifted, and the classifier reads all patches")
  func windows() throws {
    let model = try Model(ModelDescription.named("demo_swin"), checkpoint: DemonstrationCheckpoint.load("demo_swin"))
    let layers = model.attentionLayers
    #expect(layers.map(\.layout.grid.height) == [24, 24, 12, 12, 6, 6, 6, 6])
    #expect(
      layers[1].layout.keys
        == .windows(WindowGrid(grid: Extent(24), window: Extent(6), shift: Extent(3))))
    #expect(layers[7].layout.keys == .windows(WindowGrid(grid: Extent(6), window: Extent(6))))
    #expect(model.tokensRead(behind: layers[7]) == Array(0..<36))
  }

  @Test("A PVT's keys are fewer than its queries but for the last stage")
  func pyramid() throws {
    let layers = try Model(
      ModelDescription.named("demo_pvt_v2"), checkpoint: DemonstrationCheckpoint.load("demo_pvt_v2")
    ).attentionLayers
    #expect(layers.map(\.name).first == "stages.0.blocks.0.attn")
    #expect(layers.map(\.layout.grid.height) == [24, 24, 12, 12, 6, 6])
    #expect(layers[0].layout.keys == .reduced(GridReduction(ImageSize(square: 24), by: 4)))
    #expect(layers[3].layout.keys == .reduced(GridReduction(ImageSize(square: 12), by: 2)))
    #expect(layers[5].layout.keys == .sameTokens)
  }

  @Test("A convolutional network has none")
  func none() throws {
    #expect(
      try Model(ModelDescription.named("demo_resnet"), checkpoint: DemonstrationCheckpoint.load("demo_resnet"))
        .attentionLayers.isEmpty)
  }
}
