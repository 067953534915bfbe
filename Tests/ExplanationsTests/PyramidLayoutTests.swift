import Architectures
import Explanations
import Images
import LayerGraph
import Tensors
import Testing

/// Layers of pyramids of tokens as maps.
@Suite("Layouts of pyramids")
struct PyramidLayoutTests {
  @Test("Windows are joined and shifted back, padding is left out")
  func windows() throws {
    let windows = WindowGrid(grid: Extent(height: 3, width: 4), window: Extent(height: 2, width: 3), shift: Extent(1))
    let maps = Tensor((0..<48).map { Float($0) }, shape: [2, 2, 3, 4])
    let cut = windows.cut(maps.permuted([0, 2, 3, 1]))
    let joined = try ReshapeTransform.automatic(cut, layout: .windows(windows))
    #expect(joined.shape == maps.shape)
    #expect(joined.scalars == maps.scalars)
  }

  @Test("A grid names a channels-last map as well as tokens, but no other grid")
  func gridOfChannelsLast() throws {
    let features = Tensor((0..<12).map { Float($0) }, shape: [1, 2, 3, 2])
    let maps = try ReshapeTransform.grid(height: 2, width: 3)(features, layout: .channelsLast)
    #expect(maps.scalars == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
    #expect(throws: ReshapeError.self) {
      try ReshapeTransform.grid(height: 3, width: 2)(features, layout: .channelsLast)
    }
  }
}
