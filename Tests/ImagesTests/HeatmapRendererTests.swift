import Foundation
import Images
import Tensors
import Testing

@Suite("Drawing heatmaps")
struct HeatmapRendererTests {
  private static let gray = Image(
    size: ImageSize(height: 4, width: 6), channels: 3, samples: .bytes([UInt8](repeating: 100, count: 72)))

  /// A renderer that enlarges nothing.
  private func renderer(_ style: HeatmapRenderer.Style = .overlay) -> HeatmapRenderer {
    HeatmapRenderer(style: style, minimumSide: 0)
  }

  private func color(_ image: Image, row: Int, column: Int) -> [Int] {
    let start = (row * image.width + column) * 3
    return Array(image.integers[start..<start + 3])
  }

  @Test("color maps are OpenCV's and matplotlib's within one level")
  func colorMaps() throws {
    let expected = try Expected.load().colorMaps
    for map in ColorMap.allCases {
      let reference = try #require(expected[map.rawValue])
      let colors = (0...255).flatMap { level -> [Int] in
        let color = map(Float(level) / 255)
        return [Int(color.red), Int(color.green), Int(color.blue)]
      }
      #expect(largestDifference(colors, reference.map(Int.init)) <= 1, "\(map)")
      #expect(map(.nan) == map(0) && map(7) == map(1) && map(-.infinity) == map(0))
    }
  }

  @Test("a brightened overlay is pytorch-grad-cam's show_cam_on_image within one level")
  func brightened() throws {
    let expected = try Expected.load().overlays
    #expect(expected.count == 2)
    for overlay in expected {
      let size = ImageSize(height: overlay.height, width: overlay.width)
      let picture = Image(size: size, channels: 3, samples: .bytes([UInt8](overlay.picture)))
      let heatmap = Tensor(overlay.map.floats, shape: [overlay.height, overlay.width])
      var renderer = renderer()
      renderer.blending = .brightened
      renderer.alpha = 1 - overlay.imageWeight
      let drawn = renderer(heatmap, over: picture)
      #expect(largestDifference(drawn.integers, overlay.samples.map(Int.init)) <= 1)
    }
  }

  @Test("a plain overlay is (1 − α) · picture + α · heat")
  func plain() {
    var renderer = renderer()
    renderer.colorMap = .gray
    renderer.alpha = 0.25
    let drawn = renderer(Tensor(repeating: 1, shape: [2, 3]), over: Self.gray)
    // 0.75 · 100 + 0.25 · 255 = 138.75
    #expect(drawn.integers == [Int](repeating: 139, count: 72))
    renderer.gamma = 2
    renderer.alpha = 1
    let squared = renderer(Tensor(repeating: 0.5, shape: [1, 1, 2, 3]), over: Self.gray)
    #expect(squared.integers == [Int](repeating: 63, count: 72))
  }

  @Test("a heatmap with signs goes through the whole color map, and is the more transparent the nearer it is to 0")
  func signed() {
    var renderer = renderer()
    renderer.signedColorMap = .gray
    renderer.alpha = 1
    let row = renderer(Tensor([-1, -0.25, 0, 0.25, 1, .nan], shape: [1, 6]), isSigned: true, over: Self.gray)
    // Levels 0, 95, 127, 159 and 255 over 100 with shares 1, ½, 0, ½ and 1.
    #expect((0..<6).map { color(row, row: 0, column: $0)[0] } == [0, 98, 100, 130, 255, 100])
    renderer.style = .mask
    let mask = renderer(Tensor([-1, -0.25, 0, 0.25, 1, 0.6], shape: [1, 6]), isSigned: true, over: Self.gray)
    #expect((0..<6).map { color(mask, row: 0, column: $0)[0] } == [100, 20, 20, 20, 100, 100])
  }

  @Test("a heatmap of a cropped picture covers the crop, and the rest is darkened")
  func cropped() {
    var renderer = renderer()
    renderer.colorMap = .gray
    renderer.alpha = 1
    let visible = Rectangle(left: 2, top: 0, width: 3, height: 4)
    let drawn = renderer(Tensor(repeating: 1, shape: [5, 5]), over: Self.gray, visible: visible)
    for row in 0..<4 {
      for column in 0..<6 {
        let expected = (2..<5).contains(column) ? 255 : 45
        #expect(color(drawn, row: row, column: column) == [expected, expected, expected])
      }
    }
  }

  @Test("a heatmap value lies where the picture's pixel lies, from preprocessing back to the original")
  func alignment() throws {
    // One white pixel at (row 20, column 50) of 60×90; the crop shows columns 15 to 75.
    var bytes = [UInt8](repeating: 0, count: 60 * 90)
    bytes[20 * 90 + 50] = 255
    let picture = Image(size: ImageSize(height: 60, width: 90), channels: 1, samples: .bytes(bytes))
    let preprocessing = Preprocessing(
      size: ImageSize(square: 60), fit: .crop(fraction: 1), mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    let seen = try preprocessing(picture).samples(0..<1).scalars.prefix(3600)
    var renderer = renderer(.heatmap)
    renderer.colorMap = .gray
    let drawn = renderer(
      Tensor(Array(seen), shape: [60, 60]), over: picture, visible: preprocessing.visibleRectangle(of: picture.size))
    #expect(color(drawn, row: 20, column: 50) == [255, 255, 255])
    #expect(color(drawn, row: 20, column: 49) == [0, 0, 0])
    #expect(color(drawn, row: 20, column: 14) == [32, 32, 32])
  }

  @Test("a mask keeps what reaches the threshold")
  func mask() {
    let heatmap = Tensor([0.2, 0.7], shape: [1, 2])
    var renderer = renderer(.mask)
    renderer.upsampling = .nearest
    let drawn = renderer(heatmap, over: Self.gray)
    #expect(color(drawn, row: 1, column: 1) == [20, 20, 20])
    #expect(color(drawn, row: 1, column: 4) == [100, 100, 100])
  }

  @Test("not a number and values outside 0...1 are drawn as the nearest end, in every style")
  func hostile() {
    let heatmap = Tensor([.nan, .infinity, -.infinity, -3, 8, 0.5], shape: [2, 3])
    for style in HeatmapRenderer.Style.allCases {
      for upsampling in MapInterpolation.allCases {
        var renderer = renderer(style)
        renderer.upsampling = upsampling
        renderer.gamma = 0.5
        #expect(renderer(heatmap, over: Self.gray).channels == 3)
      }
    }
  }

  @Test("pictures of every shape are drawn in every style, enlarged for viewing")
  func shapes() {
    for (height, width) in [(1, 1), (1, 3000), (500, 2), (384, 400)] {
      let picture = Image(
        size: ImageSize(height: height, width: width), channels: 1,
        samples: .words([UInt16](repeating: 40000, count: height * width)))
      for style in HeatmapRenderer.Style.allCases where style != .sideBySide {
        let drawn = HeatmapRenderer(style: style)(Tensor(repeating: 0.5, shape: [7, 7]), over: picture)
        let factor = max(1, min(384 / Double(min(height, width)), 4096 / Double(max(height, width))))
        #expect(drawn.height == Int((Double(height) * factor).rounded()))
        #expect(drawn.width == Int((Double(width) * factor).rounded()))
      }
    }
  }

  @Test("side by side shows the picture, the overlay, the bar and a wrapped caption")
  func sideBySide() {
    let picture = Image(
      size: ImageSize(height: 192, width: 200), channels: 3, samples: .bytes([UInt8](repeating: 9, count: 115_200)))
    var renderer = renderer(.sideBySide)
    renderer.colorMap = .gray
    renderer.alpha = 1
    let heatmap = Tensor(repeating: 1, shape: [2, 2])
    let plain = renderer(heatmap, over: picture)
    #expect(color(plain, row: 6, column: 6) == [9, 9, 9])
    #expect(color(plain, row: 6, column: 6 + 200 + 6) == [255, 255, 255])
    #expect(color(plain, row: 100, column: 6 + 200) == [255, 255, 255])
    let bar = 3 * 6 + 2 * 200 + 4
    #expect(color(plain, row: 6 + 96, column: bar).allSatisfy { (125...130).contains($0) })
    // 406 pixels of panels hold 67 characters of six dots.
    let short = renderer(heatmap, over: picture, caption: "star 0.98 · gradcam · blocks[-1].norm1")
    let long = renderer(heatmap, over: picture, caption: String(repeating: "word ", count: 20))
    #expect(short.height == plain.height + 12)
    #expect(long.height == plain.height + 24)
    #expect(short.integers.prefix(short.width * 3 * 15).contains { $0 < 30 }, "the caption has ink")
  }

  @Test("a window decides how a 16-bit picture is shown")
  func window() {
    let picture = Image(size: ImageSize(height: 1, width: 3), channels: 1, samples: .words([900, 1000, 1100]))
    #expect(picture.displayed().integers == [4, 4, 4, 4, 4, 4, 4, 4, 4])
    let shown = picture.displayed(through: Window(low: 900, high: 1100))
    #expect(shown.integers == [0, 0, 0, 128, 128, 128, 255, 255, 255])
  }
}

@Suite("The largest region")
struct LargestRegionTests {
  @Test("the box spans the largest part above the threshold, corners touching")
  func largest() throws {
    let map = Tensor(
      [
        0.9, 0.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.2, 0.0, 0.0,
        0.0, 0.0, 0.0, 1.0, 0.0,
        0.0, 0.1, 0.0, 0.3, 0.0,
      ], shape: [4, 5])
    let region = try #require(LargestRegion(of: map))
    #expect(region.rows == 1..<4 && region.columns == 2..<4 && region.pixelCount == 3)
    #expect(region.box == Rectangle(left: 2, top: 1, width: 2, height: 3))
    let strict = try #require(LargestRegion(of: map, aboveFractionOfMaximum: 0.25))
    #expect(strict.rows == 2..<4 && strict.columns == 3..<4 && strict.pixelCount == 2)
  }

  @Test("a map without anything positive has none")
  func none() {
    #expect(LargestRegion(of: Tensor(repeating: 0, shape: [3, 3])) == nil)
    #expect(LargestRegion(of: Tensor(repeating: .nan, shape: [3, 3])) == nil)
    #expect(LargestRegion(of: Tensor(repeating: -1, shape: [1, 3, 3])) == nil)
  }
}

@Suite("Terminal pictures")
struct TerminalPictureTests {
  @Test("two rows of pixels make one line of half blocks, and an odd last row stands alone")
  func lines() {
    let bytes: [UInt8] = [255, 0, 0, 1, 2, 3, 0, 255, 0, 4, 5, 6, 0, 0, 255, 7, 8, 9]
    let picture = Image(size: ImageSize(height: 3, width: 2), channels: 3, samples: .bytes(bytes))
    let terminal = TerminalPicture(picture, columns: 10)
    #expect(
      terminal.lines == [
        "\u{1b}[38;2;255;0;0;48;2;0;255;0m▀\u{1b}[38;2;1;2;3;48;2;4;5;6m▀\u{1b}[0m",
        "\u{1b}[38;2;0;0;255;49m▀\u{1b}[38;2;7;8;9;49m▀\u{1b}[0m",
      ])
    #expect(terminal.description == terminal.lines.joined(separator: "\n") + "\n")
  }

  @Test("a larger picture is shrunk to the columns with its aspect ratio")
  func shrinking() throws {
    let picture = try fixture("rgb.jpg")
    let terminal = TerminalPicture(picture, columns: 20)
    #expect(terminal.lines.count == 7)  // 37 · 20 / 53 = 13 rows
    #expect(terminal.lines.allSatisfy { line in line.count { $0 == "▀" } == 20 })
  }
}
