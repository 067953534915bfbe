import Tensors

/// Draws the parts that a picture consists of: each in a color of its own, and a legend that says what they are.
public struct ConceptRenderer: Equatable, Sendable {
  /// Colors that are told apart by the color-blind too (Okabe and Ito 2008), then others.
  private static let colors = [
    Color(red: 230, green: 159, blue: 0), Color(red: 86, green: 180, blue: 233), Color(red: 0, green: 158, blue: 115),
    Color(red: 240, green: 228, blue: 66), Color(red: 204, green: 121, blue: 167), Color(red: 213, green: 94, blue: 0),
    Color(red: 0, green: 114, blue: 178), Color(red: 170, green: 170, blue: 170), Color(red: 160, green: 82, blue: 45),
    Color(red: 128, green: 0, blue: 128),
  ]

  /// The colors' share where a part is strongest, 0 to 1.
  public var alpha: Float
  /// Pictures whose shorter side is below this are enlarged for viewing; 0 leaves every picture as it is.
  public var minimumSide: Int

  /// A renderer.
  public init(alpha: Float = 0.7, minimumSide: Int = 384) {
    self.alpha = alpha
    self.minimumSide = minimumSide
  }

  /// Draws parts over a picture, each where it is stronger than the others. The result is 8-bit RGB.
  ///
  /// - Parameters:
  ///   - maps: how strongly each part is where, h×w in any resolution, from 0 to 1.
  ///   - labels: a line for each part, for the legend.
  ///   - picture: the picture, whole or as the network saw it.
  ///   - visible: the part of the picture that the maps cover; all of it when left out.
  ///   - window: the sample values of the picture to show as black and as white.
  ///   - caption: a line of text above it.
  public func callAsFunction(
    _ maps: [Tensor], labels: [String], over picture: Image, visible: Rectangle? = nil, window: Window? = nil,
    caption: String = ""
  ) -> Image {
    let size = HeatmapRenderer(minimumSide: minimumSide).viewSize(of: picture.size)
    let scale = (x: Double(size.width) / Double(picture.width), y: Double(size.height) / Double(picture.height))
    let covered = (visible ?? Rectangle(whole: picture.size)).scaled(horizontally: scale.x, vertically: scale.y)
    let shown = picture.displayed(through: window)
    let view = Canvas(size == picture.size ? shown : shown.resized(to: size, .bicubic))
    let planes = maps.map { HeatPlane($0, covering: covered, of: size, .bilinear, gamma: 1) }
    var colored = view
    var strongest = [Float](repeating: 0, count: size.count)
    for (part, plane) in planes.enumerated() {
      plane.forEachPixel(inRowsOf: size.width) { pixel, value in
        guard value > strongest[pixel] else { return }
        strongest[pixel] = value
        colored[pixel] = Self.color(part).mixed(with: view[pixel].gray, share: alpha * value)
      }
    }
    return Legend(picture: colored, colors: labels.indices.map(Self.color), labels: labels, caption: caption).image
  }

  private static func color(_ part: Int) -> Color { colors[part % colors.count] }
}

/// A picture with its caption above and colored squares with their meanings below it.
private struct Legend {
  private static let ink = Color(red: 20, green: 20, blue: 20)

  let picture: Canvas
  let colors: [Color]
  let labels: [String]
  let caption: String

  var image: Image {
    let scale = max(1, picture.size.shorterSide / 192)
    let margin = 6 * scale
    let lineHeight = (BitmapFont.glyphHeight + 3) * scale
    let square = BitmapFont.glyphHeight * scale
    let columns = max(8, picture.size.width / (BitmapFont.advance * scale))
    let lines = caption.wrapped(columns: columns)
    let entries = labels.map { $0.wrapped(columns: max(4, columns - 3)) }
    let top = margin + lines.count * lineHeight
    let bottom = entries.reduce(0) { $0 + max(1, $1.count) * lineHeight }
    let size = ImageSize(
      height: top + picture.size.height + margin + bottom + margin / 2, width: picture.size.width + 2 * margin)
    var canvas = Canvas(size: size, filledWith: .white)
    for (index, line) in lines.enumerated() {
      canvas.write(line, left: margin, top: margin + index * lineHeight, scale: scale, Self.ink)
    }
    canvas.draw(picture, left: margin, top: top)
    var y = top + picture.size.height + margin
    for (color, entry) in zip(colors, entries) {
      canvas.fill(columns: margin..<margin + square, rows: y..<y + square, color)
      canvas.frame(columns: margin..<margin + square, rows: y..<y + square, thickness: max(1, scale / 2), Self.ink)
      for (index, line) in entry.enumerated() {
        canvas.write(line, left: 2 * margin + square, top: y + index * lineHeight, scale: scale, Self.ink)
      }
      y += max(1, entry.count) * lineHeight
    }
    return canvas.image
  }
}

extension Color {
  /// The gray of this color's brightness (ITU-R BT.601).
  fileprivate var gray: Color {
    let channels = SIMD3<Float>(Float(red), Float(green), Float(blue))
    let level = UInt8((channels * SIMD3<Float>(0.299, 0.587, 0.114)).sum() + 0.5)
    return Color(red: level, green: level, blue: level)
  }

  /// This color's share of a mixture with another.
  fileprivate func mixed(with other: Color, share: Float) -> Color {
    let share = share.clampedToUnit
    func channel(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8(Float(a) * share + Float(b) * (1 - share) + 0.5) }
    return Color(
      red: channel(red, other.red), green: channel(green, other.green), blue: channel(blue, other.blue))
  }
}
