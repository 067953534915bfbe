import Architectures
import Explanations
import Images
import LayerGraph
import Tensors
import Testing

/// Layers of pyramids of tokens as maps.
@Suite("Reshape transforms of pyramids")
struct FeatureLayoutTests {
  @Test("Channels-last maps become channels-first")
  func channelsLast() throws {
    let features = Tensor((0..<12).map { Float($0) }, shape: [1, 2, 3, 2])
    let maps = try ReshapeTransform.automatic(features, layout: .channelsLast)
    #expect(maps.shape == [1, 2, 2, 3])
    #expect(maps.scalars == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
  }

  @Test("Windows are joined and shifted back, padding is left out")
  func windows() throws {
    let windows = WindowGrid(grid: Extent(height: 3, width: 4), window: Extent(height: 2, width: 3), shift: Extent(1))
    let maps = Tensor((0..<48).map { Float($0) }, shape: [2, 2, 3, 4])
    let cut = windows.cut(maps.permuted([0, 2, 3, 1]))
    let joined = try ReshapeTransform.automatic(cut, layout: .windows(windows))
    #expect(joined.shape == maps.shape)
    #expect(joined.scalars == maps.scalars)
  }

  @Test("A grid names a channels-last map as well as tokens, but no other grid")
  func gridOfChannelsLast() throws {
    let features = Tensor((0..<12).map { Float($0) }, shape: [1, 2, 3, 2])
    let maps = try ReshapeTransform.grid(height: 2, width: 3)(features, layout: .channelsLast)
    #expect(maps.scalars == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
    #expect(throws: ReshapeError.self) {
      try ReshapeTransform.grid(height: 3, width: 2)(features, layout: .channelsLast)
    }
  }

  @Test(
    "Layers of a Swin, by name and shape, lie as its blocks cut them",
    arguments: [
      ("layers.2.blocks.1.attn.proj", [6, 49, 384], 10, 16, 3),
      ("layers.2.blocks.0.attn.qkv", [6, 49, 1152], 10, 16, 0),
    ] as [(String, [Int], Int, Int, Int)])
  func swinWindows(layer: String, extents: [Int], height: Int, width: Int, shift: Int) throws {
    let swin = try ModelDescription.named("swin_tiny_patch4_window7_224").architecture
    let layout = swin.layout(of: Shape(extents), layer: layer, imageSize: ImageSize(height: 160, width: 256))
    let grid = Extent(height: height, width: width)
    #expect(layout == .windows(WindowGrid(grid: grid, window: Extent(7), shift: Extent(shift))))
  }

  @Test(
    "Every kind of layer of a pyramid is found",
    arguments: [
      ("demo_swin", "patch_embed.proj", [24, 24, 24], .channelsFirst),
      ("demo_swin", "patch_embed.norm", [24, 24, 24], .channelsLast),
      ("demo_swin", "layers.1.blocks.0.norm2", [144, 48], .tokens(leading: 0, grid: ImageSize(square: 12))),
      ("demo_swin", "norm", [6, 6, 96], .channelsLast), ("demo_swin", "head.fc", [10], nil),
      ("demo_pvt_v2", "patch_embed.proj", [24, 24, 24], .channelsFirst),
      ("demo_pvt_v2", "patch_embed.norm", [24, 24, 24], .channelsLast),
      ("demo_pvt_v2", "stages.0.blocks.0.attn.norm", [36, 24], .tokens(leading: 0, grid: ImageSize(square: 6))),
      ("demo_pvt_v2", "stages.0.blocks.0.attn.scores", [1, 576, 36], nil),
      ("demo_pvt_v2", "stages.2.norm", [36, 96], .tokens(leading: 0, grid: ImageSize(square: 6))),
      ("pvt_tiny", "block4.0.norm1", [50, 512], .tokens(leading: 1, grid: ImageSize(square: 7))),
      ("pvt_tiny", "block1.0.attn.norm", [49, 64], .tokens(leading: 0, grid: ImageSize(square: 7))),
    ] as [(String, String, [Int], FeatureLayout?)])
  func layouts(model: String, layer: String, extents: [Int], expected: FeatureLayout?) throws {
    let description = try ModelDescription.named(model)
    let size = description.preprocessing.size
    #expect(description.architecture.layout(of: Shape(extents), layer: layer, imageSize: size) == expected)
  }
}
