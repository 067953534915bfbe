import Architectures
import Images
import LayerGraph
import Testing

/// What follows from whose names a checkpoint has.
@Suite("Dialects")
struct DialectTests {
  @Test("A checkpoint of torchvision gets torchvision's preprocessing where the two libraries share a name")
  func preprocessing() throws {
    let timm = try ParityCase("convnext_tiny").model()
    let torchvision = try ParityCase("torchvision_convnext_tiny").model()
    #expect(timm.name == torchvision.name)
    #expect(timm.preprocessing.interpolation == .bicubic)
    #expect(torchvision.preprocessing.interpolation == .bilinear)
    #expect(torchvision.preprocessing.fit == .crop(fraction: 224.0 / 236))
    #expect(torchvision.notes == ["its names are torchvision's"])
  }

  @Test(
    "Layers have the names of the library that the weights are from, and timm's",
    arguments: [
      ("torchvision_efficientnet_b0", "features[-2]", "blocks[-1]"),
      ("torchvision_efficientnet_b0", "features[2][0].block[1][1]", "blocks[1][0].bn2.norm"),
      ("torchvision_efficientnet_b0", "features[2][0].block[1]", "blocks[1][0].bn2"),
      ("torchvision_efficientnet_b0", "features[2][0].block[2].fc1", "blocks[1][0].se.conv_reduce"),
      ("torchvision_efficientnet_b0", "features[-1][0]", "conv_head"),
      ("torchvision_efficientnet_v2_s", "features[1][0].block[0][0]", "blocks[0][0].conv"),
      ("torchvision_mobilenet_v3_large", "features[-2]", "blocks[5][2]"),
      ("torchvision_mobilenet_v3_small", "features[-2]", "blocks[4][2]"),
      ("torchvision_mobilenet_v3_small", "features[-1]", "blocks[-1]"),
      ("torchvision_mnasnet1_0", "layers[13]", "blocks[-1]"),
      ("torchvision_mnasnet1_0", "layers[3]", "blocks[0][0].conv_dw"),
      ("torchvision_mnasnet1_0", "layers[9][0].layers[3]", "blocks[2][0].conv_dw"),
      ("torchvision_convnext_tiny", "features[-1][0].block[0]", "stages[-1].blocks[0].conv_dw"),
      ("original_convnext_tiny", "stages[-1][0].dwconv", "stages[-1].blocks[0].conv_dw"),
      ("original_convnext_tiny", "downsample_layers[1][0]", "stages[1].downsample[0]"),
    ])
  func layers(name: String, theirs: String, ours: String) throws {
    let graph = try ParityCase(name).model().graph
    #expect(try graph.node(at: LayerPath(theirs)) == graph.node(at: LayerPath(ours)))
  }
}
