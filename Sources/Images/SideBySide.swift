/// A picture, its overlay and a color bar next to each other, under a caption.
struct SideBySide {
  private static let ink = Color(red: 20, green: 20, blue: 20)

  private let picture: Canvas
  private let overlay: Canvas
  private let colorMap: ColorMap
  /// The labels of the color bar, from its top.
  private let ticks: [String]
  /// The size of a dot of the font; every other measure is a multiple of it.
  private let scale: Int
  private let margin: Int
  private let barWidth: Int
  private let captionLines: [String]

  /// - Parameter isSigned: whether the color bar is from −1 to 1, not from 0.
  init(picture: Canvas, overlay: Canvas, _ colorMap: ColorMap, isSigned: Bool, caption: String) {
    self.picture = picture
    self.overlay = overlay
    self.colorMap = colorMap
    ticks = isSigned ? ["1.0", "0.5", "0.0", "-0.5", "-1.0"] : ["1.00", "0.75", "0.50", "0.25", "0.00"]
    scale = max(1, picture.size.shorterSide / 192)
    margin = 6 * scale
    barWidth = 8 * scale
    let panels = 2 * picture.size.width + margin
    captionLines = caption.wrapped(columns: max(8, panels / (BitmapFont.advance * scale)))
  }

  var image: Image {
    let lineHeight = (BitmapFont.glyphHeight + 3) * scale
    let top = margin + captionLines.count * lineHeight
    let tickWidth = 5 * BitmapFont.advance * scale
    let size = ImageSize(
      height: top + picture.size.height + margin + lineHeight / 2,
      width: margin + 2 * (picture.size.width + margin) + barWidth + tickWidth + margin)
    var canvas = Canvas(size: size, filledWith: .white)
    for (index, line) in captionLines.enumerated() {
      canvas.write(line, left: margin, top: margin + index * lineHeight, scale: scale, Self.ink)
    }
    canvas.draw(picture, left: margin, top: top)
    canvas.draw(overlay, left: 2 * margin + picture.size.width, top: top)
    drawBar(on: &canvas, left: 3 * margin + 2 * picture.size.width, top: top)
    return canvas.image
  }

  private func drawBar(on canvas: inout Canvas, left: Int, top: Int) {
    let height = picture.size.height
    let columns = left..<left + barWidth
    for row in 0..<height {
      let value = height > 1 ? 1 - Float(row) / Float(height - 1) : 1
      canvas.fill(columns: columns, rows: top + row..<top + row + 1, colorMap(value))
    }
    canvas.frame(columns: columns, rows: top..<top + height, thickness: max(1, scale / 2), Self.ink)
    for (index, label) in ticks.enumerated() {
      let y = top + index * (height - 1) / (ticks.count - 1)
      canvas.fill(
        columns: columns.upperBound..<columns.upperBound + 2 * scale, rows: y..<y + max(1, scale / 2), Self.ink)
      // Digits are seven dots high; their middle lies beside the tick.
      canvas.write(label, left: columns.upperBound + 4 * scale, top: y - 3 * scale, scale: scale, Self.ink)
    }
  }
}

extension String {
  /// The lines of a text of so many columns, broken at spaces, or anywhere where a word is longer than a line.
  func wrapped(columns: Int) -> [String] {
    var lines: [String] = []
    for word in split(whereSeparator: \.isWhitespace) {
      var rest = word
      if let line = lines.last, line.count + 1 + rest.count <= columns {
        lines[lines.count - 1] = line + " " + rest
        continue
      }
      while rest.count > columns {
        lines.append(String(rest.prefix(columns)))
        rest = rest.dropFirst(columns)
      }
      lines.append(String(rest))
    }
    return lines
  }
}
