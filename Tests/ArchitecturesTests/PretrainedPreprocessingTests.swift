import Foundation
import Images
import Tensors
import Testing

@testable import Architectures

@Suite("The preprocessing of published weights")
struct PretrainedPreprocessingTests {
  /// What timm's or torchvision's transform made of a picture; see `make_pretrained.py`.
  private struct Case: Decodable {
    let model, picture: String
    let side: Int
    let mean: Float
    let values: [Float]
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(
    "gives the tensors of timm's and torchvision's transforms, from the picture's file on; the X-ray classifier's too")
  func tensors() throws {
    let file = Self.root.appending(path: "Tests/Fixtures/Images/pretrained.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count == 28)
    for expected in cases {
      let description = try ModelDescription.named(expected.model)
      let image = try Image(contentsOf: Self.root.appending(path: expected.picture).path)
      let tensor = try description.preprocessing(image)
      #expect(tensor.shape == [1, 3, expected.side, expected.side], "\(expected.model)")
      let scalars = tensor.scalars
      let found = (0..<24).map { scalars[$0 * (tensor.count - 1) / 23] }
      let difference = zip(found, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference < 2e-5, "\(expected.model), \(expected.picture)")
      let mean = Float(scalars.reduce(0) { $0 + Double($1) } / Double(tensor.count))
      #expect(abs(mean - expected.mean) < 1e-4, "\(expected.model), \(expected.picture)")
    }
  }

  @Test(
    "stands in a table whose rows are all understood, and whose first one of a model's size is what is taken by itself")
  func table() throws {
    var tags = Set<Substring>()
    for row in PretrainedTags.table.split(separator: "\n") {
      #expect(PretrainedPreprocessing(row: row) != nil, "\(row)")
      #expect(tags.insert(row.split(separator: " ").prefix(2).joined(separator: " ")[...]).inserted, "\(row)")
    }
    for model in ModelDescription.all {
      let rows = PretrainedPreprocessing.all(of: model.name).map(\.preprocessing)
      guard let first = rows.first(where: { $0.size == model.preprocessing.size }) else { continue }
      #expect(try ModelDescription.named(model.name).preprocessing == first, "\(model.name)")
    }
    // Only DINO's weights exist of this one, and they want ImageNet's mean, unlike timm's other ViTs.
    #expect(try ModelDescription.named("vit_small_patch8_224").preprocessing.mean == Preprocessing.imageNetMean)
  }

  @Test("is chosen by library or tag, in any case")
  func choice() throws {
    let resnet = try ModelDescription.named("resnet50")
    #expect(resnet.preprocessing.fit == .crop(fraction: 0.95) && resnet.preprocessing.interpolation == .bicubic)
    for choice in ["torchvision", "IMAGENET1K_V1", "imagenet1k_v1", "tv_in1k"] {
      let chosen = try resnet.preprocessed(as: choice).preprocessing
      #expect(chosen.fit == .crop(fraction: 0.875) && chosen.interpolation == .bilinear, "\(choice)")
    }
    #expect(try resnet.preprocessed(as: "timm").preprocessing == resnet.preprocessing)
    #expect(try ModelDescription.named("resnet50.tv_in1k").preprocessingSource == "timm's resnet50 tv_in1k")
  }

  @Test("of a tag that does not exist is refused with the nearest ones")
  func unknown() {
    let error = #expect(throws: UnknownTag.self) { try ModelDescription.named("resnet50.tv_in22k") }
    #expect(error?.description.contains("tv_in1k") == true)
    #expect(throws: UnknownTag.self) { try ModelDescription.named("resnet50.") }
    let own = #expect(throws: UnknownTag.self) { try ModelDescription.named("demo_vit.own") }
    #expect(own?.description.contains("no tags") == true)
  }

  @Test("is said where timm's and torchvision's models have the same keys and no tag chooses")
  func assumption() throws {
    func assumption(_ name: String) throws -> String? { try ModelDescription.named(name).preprocessingAssumption }
    for name in ["resnet18", "resnet50", "densenet121", "wide_resnet50_2"] {
      #expect(try assumption(name)?.contains("--preprocessing torchvision") == true, "\(name)")
    }
    for name in ["resnet50.tv_in1k", "vit_base_patch16_224", "vit_b_16", "efficientnet_b0", "demo_resnet"] {
      #expect(try assumption(name) == nil, "\(name)")
    }
  }
}
