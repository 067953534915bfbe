import Architectures
import Testing

@Suite struct ModelDescriptionTests {
  @Test("Names are unique, and each is found by itself and with a tag of timm's")
  func names() throws {
    let names = ModelDescription.all.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(try ModelDescription.named(name).name == name)
      #expect(try ModelDescription.named(name + ".augreg_in21k").name == name)
    }
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
      ("resnet51", "resnet50"), ("vit_base_patch16", "vit_base_patch16_224"), ("demo-vit", "demo_vit"),
    ])
  func unknown(name: String, near: String) {
    let error = #expect(throws: UnknownModel.self) { try ModelDescription.named(name) }
    #expect(error?.near.contains(near) == true)
    #expect(error?.description.contains("'\(name)'") == true)
  }
}
