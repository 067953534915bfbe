import Architectures
import LayerGraph
import Testing

/// Layers of convolutional networks under the names that users know.
@Suite("Layer names of convolutional networks")
struct ConvolutionalDialectTests {
  @Test("A wrapped DenseNet's paths lead to the same layers, its last one being what the classifier pools")
  func chexnet() throws {
    try expectSame(
      "chexnet_densenet121",
      [
        ("densenet121.features[-1]", "features.norm5"), ("features[-1]", "features.norm5.act"),
        ("densenet121.features.norm5", "features[-1]"), ("densenet121.features", "features.norm5"),
        ("densenet121.features.denseblock4", "features.denseblock4.cat_15"),
        ("densenet121.features.denseblock4.denselayer16.norm.2", "features.denseblock4.denselayer16.norm2"),
        ("densenet121.features.denseblock4.denselayer16.conv.2", "features.denseblock4.denselayer16"),
        ("densenet121.classifier.0", "classifier[0]"),
      ])
  }

  @Test("torchvision numbers MobileNetV2's blocks through, and its norms come before their activations")
  func mobileNetV2() throws {
    try expectSame(
      "torchvision_mobilenet_v2",
      [
        ("features[-1]", "bn2"), ("features", "bn2.act"), ("features[-2]", "blocks[-1][-1]"),
        ("features[-2]", "blocks[-1]"), ("features[0][1]", "bn1.norm"), ("features.1.conv.0.0", "blocks.0.0.conv_dw"),
        ("features.1.conv.2", "blocks.0.0.bn2"), ("features[4].conv[1][2]", "blocks.2.0.bn2"),
        ("features[4].conv[2]", "blocks.2.0.conv_pwl"), ("features[4].conv", "blocks.2.0.bn3"),
        ("features[17].conv[3]", "blocks[-1][-1].bn3"), ("classifier[1]", "classifier"),
      ])
  }

  @Test("torchvision's classifier of a VGG is timm's head")
  func vgg() throws {
    try expectSame(
      "torchvision_vgg11_224x288",
      [
        ("features[-1]", "features"), ("features[-2]", "features.19"), ("classifier[0]", "pre_logits.fc1"),
        ("classifier[4]", "pre_logits.act2"), ("classifier[-1]", "head.fc"),
      ])
  }

  private func expectSame(_ parity: String, _ pairs: [(LayerPath, LayerPath)]) throws {
    let graph = try ParityCase(parity).model().graph
    for (theirs, ours) in pairs { #expect(try graph.node(at: theirs) == graph.node(at: ours), "\(theirs)") }
  }
}
