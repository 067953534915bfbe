import Testing

@testable import Architectures

@Suite("Rows of a mobile network's table")
struct MobileRowTests {
  /// timm: `make_divisible(channels)`, and `make_divisible(channels, 16)`.
  @Test(
    "Channels are rounded to a multiple of eight that loses at most a tenth",
    arguments: [
      (8.0, 8), (1.0, 8), (11.9, 16), (12.0, 16), (88.08, 88), (44.8, 48), (18.0, 24), (84.0, 88), (83.0, 80),
    ])
  func rounding(channels: Double, expected: Int) {
    #expect(MobileRow.divisible(channels) == expected)
  }

  @Test("Only the first block of a row strides, and depth is rounded up")
  func blocks() {
    let row = MobileRow(.inverted, stride: 2, expansion: 6, outputs: 40, repeats: 2).scaled(width: 1.2, depth: 1.4)
    #expect(row.outputs == 48)
    #expect(row.blocks.map(\.stride) == [2, 1, 1])
    #expect(row.blocks.allSatisfy { $0.repeats == 1 })
  }

  @Test("torchvision's EfficientNets of a shared name have torchvision's ε")
  func epsilon() throws {
    for (name, timm, torchvision) in [("efficientnet_b4", Float(1e-5), Float(1e-5)), ("efficientnet_b5", 1e-5, 1e-3)] {
      let description = try ModelDescription.named(name)
      #expect((description.architecture as? EfficientNet)?.trunk.epsilon == timm)
      let other = try #require(description.inDialect["torchvision"])
      #expect((other.architecture as? EfficientNet)?.trunk.epsilon == torchvision)
    }
  }
}
