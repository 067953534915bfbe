import Images
import LayerGraph
import Tensors
import Testing

@testable import Architectures

/// How layers lie in the picture, found by following its pixels through the graph.
@Suite("Layouts")
struct LayoutTests {
  @Test(
    "Every kind of layer is found",
    arguments: [
      ("vit_tiny_patch16_224", "patch_embed.proj", .channelsFirst),
      ("vit_tiny_patch16_224", "blocks.0.norm1", .tokens(leading: 1, grid: ImageSize(square: 14))),
      ("vit_tiny_patch16_224", "blocks.11.mlp.fc1", .tokens(leading: 1, grid: ImageSize(square: 14))),
      ("vit_tiny_patch16_224", "blocks.3.attn.scores", nil), ("vit_tiny_patch16_224", "head", nil),
      ("deit_tiny_distilled_patch16_224", "blocks.0", .tokens(leading: 2, grid: ImageSize(square: 14))),
      ("vit_small_patch14_reg4_dinov2", "blocks.0", .tokens(leading: 5, grid: ImageSize(square: 37))),
      ("demo_swin", "patch_embed.proj", .channelsFirst), ("demo_swin", "patch_embed.norm", .channelsLast),
      ("demo_swin", "layers.1.blocks.0.norm2", .tokens(leading: 0, grid: ImageSize(square: 12))),
      ("demo_swin", "layers.1.downsample.norm", .channelsLast), ("demo_swin", "norm", .channelsLast),
      ("demo_swin", "head.fc", nil),
      ("swin_t", "layers.0.blocks.1.windows", windows(56, 56, side: 7, shift: 3)),
      ("swinv2_tiny_window8_256", "layers.2.blocks.1.attn.qkv", windows(16, 16, side: 8, shift: 4)),
      ("demo_pvt_v2", "patch_embed.proj", .channelsFirst), ("demo_pvt_v2", "patch_embed.norm", .channelsLast),
      ("demo_pvt_v2", "stages.0.blocks.0.attn.norm", .tokens(leading: 0, grid: ImageSize(square: 6))),
      ("demo_pvt_v2", "stages.2.norm", .tokens(leading: 0, grid: ImageSize(square: 6))),
      ("pvt_v2_b2_li", "stages.0.blocks.0.attn.norm", .tokens(leading: 0, grid: ImageSize(square: 7))),
      ("pvt_tiny", "block4.0.norm1", .tokens(leading: 1, grid: ImageSize(square: 7))),
      ("pvt_tiny", "block1.0.attn.norm", .tokens(leading: 0, grid: ImageSize(square: 7))),
      ("convnext_tiny", "stem.1", .channelsFirst), ("convnext_tiny", "stages.0.blocks.1.conv_dw", .channelsFirst),
      ("convnext_tiny", "stages.0.blocks.1.norm", .channelsLast),
      ("convnext_tiny", "stages.0.blocks.1.mlp.fc2", .channelsLast),
      ("convnext_tiny", "stages.0.blocks.1.add", .channelsFirst),
      ("convnext_tiny", "stages.1.downsample.0", .channelsFirst),
      ("densenet121", "features.denseblock2.denselayer3", .channelsFirst),
      ("squeezenet1_1", "features.4", .channelsFirst),
      ("resnet50", "layer4.2", .channelsFirst), ("resnet20", "layer2.0", .channelsFirst),
      ("mobilenetv3_small_100", "blocks.0.0.se.conv_reduce", .channelsFirst),
      ("tf_efficientnet_b0", "blocks.4.1", .channelsFirst), ("vgg11", "features.7", .channelsFirst),
    ] as [(String, String, FeatureLayout?)])
  func layouts(model: String, layer: String, expected: FeatureLayout?) throws {
    let description = try ModelDescription.named(model)
    #expect(try layout(of: layer, in: description, size: description.preprocessing.size) == expected)
  }

  @Test("Windows of a map that they do not divide are found with their padding", arguments: [(0, 0), (1, 3)])
  func paddedWindows(block: Int, shift: Int) throws {
    let swin = try ModelDescription.named("swin_tiny_patch4_window7_224")
    for layer in ["attn.qkv", "attn.proj"] {
      let layout = try layout(
        of: "layers.2.blocks.\(block).\(layer)", in: swin, size: ImageSize(height: 160, width: 256))
      #expect(layout == Self.windows(10, 16, side: 7, shift: shift))
    }
  }

  private static func windows(_ height: Int, _ width: Int, side: Int, shift: Int) -> FeatureLayout {
    .windows(WindowGrid(grid: Extent(height: height, width: width), window: Extent(side), shift: Extent(shift)))
  }

  private func layout(of layer: String, in description: ModelDescription, size: ImageSize) throws -> FeatureLayout? {
    let architecture = description.architecture
    let graph = try architecture.ownGraph(
      GraphBuilder(parameters: UnreadParameters(architecture, size)), imageSize: size)
    let node = try graph.node(at: LayerPath(layer))
    return FeatureLayout(PlaceTable(graph).places(of: node), shape: graph.nodes[node].shape)
  }
}
