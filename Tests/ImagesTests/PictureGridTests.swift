import Testing

@testable import Images

/// Pictures in aligned rows and columns.
@Suite struct PictureGridTests {
  private func picture(_ size: ImageSize, _ level: UInt8) -> Image {
    Image(size: size, channels: 1, samples: .bytes([UInt8](repeating: level, count: size.count)))
  }

  @Test("Cells are aligned, and a picture keeps its aspect ratio in the middle of its cell")
  func aligned() {
    let cell = ImageSize(height: 20, width: 30)
    let grid = PictureGrid(
      headings: [[], []],
      rows: [
        .init(label: [], cells: [picture(cell, 10), picture(ImageSize(height: 10, width: 10), 20)]),
        .init(label: [], cells: [nil, picture(ImageSize(height: 40, width: 60), 30)]),
      ], cell: cell)
    // Margins of 16 around two rows of 20 and two columns of 30, with 8 between them.
    let image = Canvas(grid.image)
    #expect(image.size == ImageSize(height: 16 + 20 + 8 + 20 + 16, width: 16 + 30 + 8 + 30 + 16))
    func level(_ x: Int, _ y: Int) -> UInt8 { image[y * image.size.width + x].red }
    #expect([level(16, 16), level(45, 35)] == [10, 10] && [level(15, 16), level(46, 35)] == [255, 255])
    // 20×20 in the middle of 20×30.
    #expect([level(54 + 4, 20), level(54 + 5, 20), level(54 + 24, 20), level(54 + 25, 20)] == [255, 20, 20, 255])
    #expect(level(20, 50) == 240)
    #expect([level(54, 44), level(83, 63)] == [30, 30])
  }

  @Test("Labels are broken behind underscores and spaces, or anywhere")
  func lines() {
    #expect(PictureGrid.lines("vit_tiny_patch16", letters: 10) == ["vit_tiny_", "patch16"])
    #expect(PictureGrid.lines("abcdefgh", letters: 3) == ["abc", "def", "gh"])
    #expect(PictureGrid.lines("one two", letters: 4) == ["one", "two"])
    #expect(PictureGrid.lines("", letters: 4) == [])
  }
}
