import Images
import TestSupport
import Tensors
import Testing

@testable import Explanations

@Suite struct HeatmapTests {
  @Test("Negative values become 0, and the largest 1 but for 1e-7")
  func normalized() {
    let map = Tensor([1, -3, 5, 0, -8, -2, -4, -1, 3, 3, 3, 3], shape: [3, 2, 2])
    let heatmaps = Heatmap.normalized(map)
    expectClose(heatmaps[0], [0.2, 0, 1, 0], tolerance: .absolute(1e-6))
    #expect(heatmaps[1].scalars == [0, 0, 0, 0])
    #expect(heatmaps[2].scalars == [0, 0, 0, 0], "a constant map shows nothing")
  }

  @Test("What is not finite counts as 0 and spoils nothing else")
  func notFinite() {
    let map = Tensor([.nan, 2, 4, -.infinity, 1, 2, .infinity, 0, .nan, .nan, .nan, .nan], shape: [3, 2, 2])
    let heatmaps = Heatmap.scaled(map)
    expectClose(heatmaps[0], [0, 0, 1, 0], tolerance: .absolute(1e-6))
    expectClose(heatmaps[1], [0.5, 1, 0, 0], tolerance: .absolute(1e-6))
    #expect(heatmaps[2].scalars == [0, 0, 0, 0])
  }

  @Test("With signs a map is divided by its largest magnitude, 0 stays 0, and the mean of layers is scaled once more")
  func signed() {
    let maps = Tensor([1, -4, 2, 0, .nan, 1, 0, 0], shape: [2, 2, 2])
    let heatmaps = Heatmap.signed(maps)
    expectClose(heatmaps[0], [0.25, -1, 0.5, 0], tolerance: .absolute(1e-6))
    expectClose(heatmaps[1], [0, 1, 0, 0], tolerance: .absolute(1e-6))
    let (first, second) = (Tensor([2, -2, 0, 0], shape: [1, 2, 2]), Tensor([0, -5, 5, 0], shape: [1, 2, 2]))
    expectClose(
      Heatmap.combined([first, second], size: ImageSize(square: 2), keepsSigns: true)[0], [0.5, -1, 0.5, 0],
      tolerance: .absolute(1e-6))
  }

  @Test("Tiny maps are not blown up: 1e-7 is added to the largest value")
  func tiny() {
    expectClose(Heatmap.normalized(Tensor([0, 1e-7], shape: [1, 1, 2])), [0, 0.5], tolerance: .absolute(1e-4))
  }

  @Test("Maps of several layers are averaged at the picture's size and scaled once more")
  func combined() {
    let coarse = Tensor([4], shape: [1, 1, 1])
    let fine = Tensor([0, 1, 2, 4], shape: [1, 2, 2])
    // A map of one value is constant and adds nothing.
    let both = Heatmap.combined([coarse, fine], size: ImageSize(square: 2))
    expectClose(both[0], [0, 0.25, 0.5, 1], tolerance: .absolute(1e-5))
    let opposite = Tensor([4, 0, 0, 0], shape: [1, 2, 2])
    expectClose(
      Heatmap.combined([fine, opposite], size: ImageSize(square: 2))[0], [1, 0, 1.0 / 3, 1], tolerance: .absolute(1e-5))
  }
}
