import Images
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct ClippingTests {
  @Test("Values above the percentile become the percentile, interpolated as numpy does it; negative ones are 0")
  func values() throws {
    let clipping = try #require(Clipping(percentile: 75))
    // numpy.percentile([0, 1, 2, 3, 40], 75) is 3, of [0, 1, 2, 10] it is 4.
    let maps = Tensor([3, 40, -5, 1, 2], shape: [1, 1, 5])
    #expect(clipping(maps).scalars == [3, 3, 0, 1, 2])
    #expect(clipping(Tensor([10, 0, 1, 2, 2, 1, 0, 10], shape: [2, 2, 2])).scalars == [4, 0, 1, 2, 2, 1, 0, 4])
  }

  @Test("Where signs are kept, magnitudes are clipped")
  func signs() throws {
    let clipping = try #require(Clipping(percentile: 75))
    // numpy.percentile([0, 1, 2, 3, 40], 75) is 3.
    #expect(clipping(Tensor([3, -40, 0, -1, 2], shape: [1, 1, 5]), keepsSigns: true).scalars == [3, -3, 0, -1, 2])
  }

  @Test("A map with next to nothing positive is not blanked; what is not finite stays for the scaling to deal with")
  func sparse() throws {
    let clipping = try #require(Clipping(percentile: 50))
    #expect(clipping(Tensor([0, 0, -1, 7], shape: [1, 2, 2])).scalars == [0, 0, 0, 7])
    let damaged = clipping(Tensor([1, 3, .infinity, 2], shape: [1, 2, 2])).scalars
    #expect(damaged == [1, 2, .infinity, 2])
  }

  @Test("Only percentiles between 0 and 100 are meaningful", arguments: [0, 100, -1, 101, Double.nan])
  func refused(percentile: Double) {
    #expect(Clipping(percentile: percentile) == nil)
  }

  @Test("An outlier no longer darkens the rest of the heatmap")
  func heatmap() {
    let map = Tensor([1, 2, 3, 100], shape: [1, 2, 2])
    let size = ImageSize(square: 2)
    expectClose(Heatmap.combined([map], size: size)[0], [0, 0.0101, 0.0202, 1], tolerance: .absolute(1e-4))
    // The 50th percentile is 2.5.
    expectClose(
      Heatmap.combined([map], size: size, clipping: Clipping(percentile: 50))[0], [0, 0.66667, 1, 1],
      tolerance: .absolute(1e-4))
  }

  @Test("The explainer clips every method's map and leaves raw maps as they are")
  func explainer() throws {
    var explainer = try Explainer(DemonstrationModel.load("demo_vit"))
    let picture = try DemonstrationModel.scenes([20], for: explainer.model)
    func explain() throws -> Explanation {
      try explainer.explain(picture, methods: [HiResCAM()]) { _, _ in [.logit(0)] }.explanations[0][0]
    }
    let plain = try explain()
    explainer.clipping = Clipping(percentile: 90)
    let clipped = try explain()
    #expect(plain.rawMaps[0].scalars == clipped.rawMaps[0].scalars)
    // 14 of 144 places are at the top, and all others are brighter.
    let means = [plain, clipped].map { $0.heatmap.scalars.reduce(0, +) / Float($0.heatmap.count) }
    #expect(means[1] > 1.1 * means[0], "\(means)")
  }
}
