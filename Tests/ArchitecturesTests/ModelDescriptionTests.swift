import Testing

@testable import Architectures

@Suite struct ModelDescriptionTests {
  @Test("Names are unique, and each is found by itself")
  func names() throws {
    let names = ModelDescription.all.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(try ModelDescription.named(name).name == name)
    }
  }

  @Test(
    "A model is found by its name as people write it",
    arguments: [
      ("ResNet50", "resnet50"), ("resnet-18", "resnet18"), ("timm/vit_base_patch16_224.dino", "vit_base_patch16_224"),
      ("hf_hub:timm/resnet50.a1_in1k", "resnet50"), ("hf-hub:timm/resnet18", "resnet18"), ("ViT-B/16", "vit_b_16"),
      ("DenseNet-121", "densenet121"), ("demo-vit", "demo_vit"),
    ])
  func spelling(written: String, name: String) throws {
    #expect(try ModelDescription.named(written).name == name)
  }

  @Test(
    "Every family of the first release is there",
    arguments: [
      "vit_tiny_patch16_224", "vit_small_patch16_384", "vit_large_patch14_224", "deit_small_distilled_patch16_224",
      "vit_b_16", "resnet18", "resnet50", "wide_resnet50_2", "resnext50_32x4d", "xray_resnet", "demo_vit",
      "demo_resnet",
    ])
  func families(name: String) throws {
    _ = try ModelDescription.named(name)
  }

  @Test(
    "An unknown name is answered with near ones",
    arguments: [
      ("resnet51", "resnet50"), ("vit_base_patch16", "vit_base_patch16_224"), ("demo-vitt", "demo_vit"),
      ("EfficientNetV2-S", "efficientnetv2_s"), ("EfficientNetV2-S", "efficientnet_v2_s"),
    ])
  func unknown(name: String, near: String) {
    let error = #expect(throws: UnknownModel.self) { try ModelDescription.named(name) }
    #expect(error?.near.contains(near) == true)
    #expect(error?.description.contains("'\(name)'") == true)
  }
}
