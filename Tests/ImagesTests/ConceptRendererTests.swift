import Images
import Tensors
import Testing

@Suite("Drawing concepts")
struct ConceptRendererTests {
  private static let gray = Image(
    size: ImageSize(height: 200, width: 200), channels: 3, samples: .bytes([UInt8](repeating: 100, count: 120_000)))

  private func draw(_ maps: [Tensor], _ labels: [String]) -> Image {
    ConceptRenderer(alpha: 1, minimumSide: 0)(maps, labels: labels, over: Self.gray)
  }

  private func color(_ image: Image, row: Int, column: Int) -> [Int] {
    let start = (row * image.width + column) * 3
    return Array(image.integers[start..<start + 3])
  }

  @Test("Every place has the color of its strongest part, and the legend shows these colors")
  func colors() {
    let left = Tensor([1, 0], shape: [1, 2])
    let right = Tensor([0, 1], shape: [1, 2])
    let image = draw([left, right], ["left", "right"])
    // The picture lies 6 pixels from the corner; its legend follows 6 pixels below it.
    #expect(color(image, row: 100, column: 8) == [230, 159, 0])
    #expect(color(image, row: 100, column: 203) == [86, 180, 233])
    #expect(color(image, row: 216, column: 10) == [230, 159, 0])
    #expect(color(image, row: 228, column: 10) == [86, 180, 233])
    #expect(image.width == 212)
  }

  @Test(
    "Where no part is anything, the picture is left as it is; parts beyond the colors and long labels are drawn too")
  func nothing() {
    let none = Tensor([0, .nan], shape: [1, 2])
    let image = draw([Tensor](repeating: none, count: 12), [String](repeating: "a long label of many words", count: 12))
    #expect(color(image, row: 100, column: 100) == [100, 100, 100])
    #expect(image.height > 212 + 12 * 12)
  }
}
