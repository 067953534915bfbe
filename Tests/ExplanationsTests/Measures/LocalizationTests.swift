import Explanations
import Images
import TestSupport
import Tensors
import Testing

@Suite struct LocalizationTests {
  /// Columns 2 and 3 of rows 1 and 2, of 4×6 pixels.
  private static let region = Region(
    box: Rectangle(left: 2, top: 1, width: 2, height: 2), size: ImageSize(height: 4, width: 6))

  private static func map(_ values: [(row: Int, column: Int, value: Float)]) -> Tensor {
    var map = [Float](repeating: 0, count: 24)
    for (row, column, value) in values { map[row * 6 + column] = value }
    return Tensor(map, shape: [4, 6])
  }

  @Test("A box covers the pixels whose centres lie in it")
  func box() {
    #expect(Self.region.covered.indices.filter { Self.region.covered[$0] } == [8, 9, 14, 15])
    #expect(Self.region.box == Rectangle(left: 2, top: 1, width: 2, height: 2))
    let partial = Region(
      box: Rectangle(left: 1.6, top: -3, width: 1.8, height: 3.6), size: ImageSize(height: 4, width: 6))
    #expect(partial.covered.indices.filter { partial.covered[$0] } == [2])
  }

  @Test("The pointing game: inside, within 15 pixels, beside, blank")
  func pointing() {
    let inside = PointingGame(Self.map([(1, 3, 0.4), (0, 0, 0.3)]), Self.region)
    #expect(inside.isInside && inside.isNear)
    let near = PointingGame(Self.map([(1, 3, 0.4), (0, 0, 0.5)]), Self.region)
    #expect(!near.isInside && near.isNear)
    let blank = PointingGame(Self.map([]), Self.region)
    #expect(!blank.isInside && !blank.isNear)
    let wide = Region(box: Rectangle(left: 0, top: 0, width: 1, height: 1), size: ImageSize(height: 13, width: 40))
    for (row, column, isNear) in [(0, 15, true), (0, 16, false), (9, 12, true), (9, 13, false), (12, 9, true)] {
      var map = Tensor(repeating: 0, shape: [13, 40])
      map.withMutableScalars { $0[row * 40 + column] = 1 }
      #expect(PointingGame(map, wide).isNear == isNear, "\(row), \(column)")
    }
  }

  @Test("Energy, rank and box by hand")
  func byHand() {
    let map = Self.map([(1, 2, 0.6), (2, 3, 0.2), (0, 5, 0.2), (3, 0, 0.1)])
    #expect(abs(MaskEnergy.share(map, Self.region) - 0.8 / 1.1) < 1e-6)
    #expect(RelevanceRank.accuracy(map, Self.region) == 0.5)
    // Above 15 % of 0.6: all four; the largest part is the diagonal pair, whose box is the region's.
    #expect(BoxOverlap.intersectionOverUnion(map, Rectangle(left: 2, top: 1, width: 2, height: 2)) == 1)
    #expect(BoxOverlap.intersectionOverUnion(map, Rectangle(left: 3, top: 1, width: 2, height: 3)) == 2.0 / 8)
    let blank = Self.map([])
    #expect(MaskEnergy.share(blank, Self.region) == 0)
    #expect(RelevanceRank.accuracy(blank, Self.region) == 0)
    #expect(BoxOverlap.intersectionOverUnion(blank, Rectangle(left: 2, top: 1, width: 2, height: 2)) == 0)
  }

  @Test("A map is brought back through a crop to the picture's own pixels")
  func geometry() {
    // A picture of 40×80 whose middle 32×32 becomes a tensor of 16×16: shorter side to 20, 2 and 12 cut off.
    let preprocessing = Preprocessing(size: ImageSize(square: 16), fit: .crop(fraction: 0.8))
    let size = ImageSize(height: 40, width: 80)
    let visible = preprocessing.visibleRectangle(of: size)
    #expect(visible == Rectangle(left: 24, top: 4, width: 32, height: 32))
    var map = Tensor(repeating: 0, shape: [16, 16])
    map.withMutableScalars { $0[5 * 16 + 9] = 1 }
    let laid = map.laid(over: size, covering: visible)
    // Its centre is at row 4 + 5.5 · 2, column 24 + 9.5 · 2: between pixels 14 and 15, and 42 and 43.
    let places = laid.scalars.indices.filter { laid.scalars[$0] == laid.scalars.max() }
    #expect(places.map { [$0 / 80, $0 % 80] } == [[14, 42], [14, 43], [15, 42], [15, 43]])
    let object = Region(box: Rectangle(left: 42, top: 14, width: 2, height: 2), size: size)
    #expect(PointingGame(laid, object).isInside)
    #expect(laid.scalars[..<(80 * 4)].allSatisfy { $0 == 0 })
    expectClose([laid.scalars.reduce(0, +)], [4], tolerance: .absolute(1e-5))
  }

  @Test("A map of the picture's own size stays as it is")
  func identity() {
    let map = Tensor.random([6, 7], seed: 3, in: 0...1)
    let size = ImageSize(height: 6, width: 7)
    #expect(map.laid(over: size, covering: Rectangle(whole: size)).scalars == map.scalars)
  }
}
