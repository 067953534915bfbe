import Images
import Testing

@testable import Architectures

@Suite("ConvNeXt")
struct ConvNeXtTests {
  @Test(
    "Inside a block the norm and the perceptron have their channels last",
    arguments: [
      ("stages.0.blocks.1.norm", FeatureLayout.channelsLast), ("stages.0.blocks.1.mlp.fc2", .channelsLast),
      ("stages.0.blocks.1.conv_dw", .channelsFirst), ("stages.0.blocks.1.permute_1", .channelsFirst),
      ("stages.0.blocks.1.add", .channelsFirst), ("stages.1.downsample.0", .channelsFirst), ("stem.1", .channelsFirst),
    ])
  func layout(layer: String, expected: FeatureLayout) throws {
    let model = try ModelDescription.named("convnext_tiny").architecture
    // A map of as many rows and columns as channels, where the shape tells nothing.
    #expect(model.layout(of: [96, 96, 96], layer: layer, imageSize: ImageSize(square: 384)) == expected)
    #expect(model.layout(of: [96], layer: layer, imageSize: ImageSize(square: 384)) == nil)
  }
}
