import Images
import Testing

@testable import Architectures

@Suite("Reductions of grids")
struct GridReductionTests {
  @Test("By squares, what is left at the end is not read")
  func squares() {
    let reduction = GridReduction(ImageSize(height: 10, width: 8), by: 4)
    #expect(reduction.coarse == ImageSize(height: 2, width: 2))
    #expect(reduction.rows == [0..<4, 4..<8])
    #expect(reduction.columns == [0..<4, 4..<8])
  }

  @Test("Between stages it is the smallest step, whichever way the size was rounded")
  func stages() {
    let rounded = GridReduction(ImageSize(height: 5, width: 4), to: ImageSize(height: 3, width: 2))
    #expect(rounded.rows == [0..<2, 2..<4, 4..<5])
    #expect(rounded.columns == [0..<2, 2..<4])
    #expect(GridReduction(ImageSize(square: 5), to: ImageSize(square: 2)).rows == [0..<2, 2..<4])
    #expect(GridReduction(ImageSize(square: 1), to: ImageSize(square: 1)).rows == [0..<1])
  }

  @Test("Adaptive pooling overlaps where the sizes do not divide")
  func pooling() {
    let reduction = GridReduction(ImageSize(height: 5, width: 6), pooledTo: ImageSize(height: 3, width: 3))
    #expect(reduction.rows == [0..<2, 1..<4, 3..<5])
    #expect(reduction.columns == [0..<2, 2..<4, 4..<6])
  }
}
