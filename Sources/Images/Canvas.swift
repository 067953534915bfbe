/// Something to draw on: 8-bit RGB. What lies outside is cut off.
struct Canvas {
  let size: ImageSize
  private var pixels: [Color]

  init(size: ImageSize, filledWith color: Color) {
    self.size = size
    pixels = [Color](repeating: color, count: size.count)
  }

  /// A canvas that shows a picture.
  init(_ picture: Image) {
    size = picture.size
    let samples = picture.displayedBytes()
    pixels = (0..<size.count).map {
      Color(red: samples[3 * $0], green: samples[3 * $0 + 1], blue: samples[3 * $0 + 2])
    }
  }

  /// What was drawn.
  var image: Image {
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * pixels.count) { buffer, count in
      for color in pixels {
        buffer.initializeElement(at: count, to: color.red)
        buffer.initializeElement(at: count + 1, to: color.green)
        buffer.initializeElement(at: count + 2, to: color.blue)
        count += 3
      }
    }
    return Image(size: size, channels: 3, samples: .bytes(bytes))
  }

  /// The color of a pixel, counted row by row.
  subscript(pixel: Int) -> Color {
    get { pixels[pixel] }
    set { pixels[pixel] = newValue }
  }

  /// Fills the columns and rows of a rectangle.
  mutating func fill(columns: Range<Int>, rows: Range<Int>, _ color: Color) {
    let columns = columns.clamped(to: 0..<size.width)
    for y in rows.clamped(to: 0..<size.height) {
      for x in columns { pixels[y * size.width + x] = color }
    }
  }

  /// Draws a frame of a thickness inside the columns and rows of a rectangle.
  mutating func frame(columns: Range<Int>, rows: Range<Int>, thickness: Int, _ color: Color) {
    let across = min(thickness, columns.count)
    let down = min(thickness, rows.count)
    fill(columns: columns, rows: rows.lowerBound..<rows.lowerBound + down, color)
    fill(columns: columns, rows: rows.upperBound - down..<rows.upperBound, color)
    fill(columns: columns.lowerBound..<columns.lowerBound + across, rows: rows, color)
    fill(columns: columns.upperBound - across..<columns.upperBound, rows: rows, color)
  }

  /// Draws another canvas with its upper left corner at a place.
  mutating func draw(_ other: Canvas, left: Int, top: Int) {
    let columns = (0..<size.width).clamped(to: left..<left + other.size.width)
    for y in (0..<size.height).clamped(to: top..<top + other.size.height) {
      for x in columns {
        pixels[y * size.width + x] = other.pixels[(y - top) * other.size.width + x - left]
      }
    }
  }

  /// Writes a line of text with its upper left corner at a place; each dot of the font is a square of `scale` pixels.
  mutating func write(_ text: String, left: Int, top: Int, scale: Int, _ color: Color) {
    for (place, character) in text.enumerated() {
      for row in 0..<BitmapFont.glyphHeight {
        for column in 0..<BitmapFont.glyphWidth where BitmapFont.hasInk(character, column: column, row: row) {
          let x = left + (place * BitmapFont.advance + column) * scale
          let y = top + row * scale
          fill(columns: x..<x + scale, rows: y..<y + scale, color)
        }
      }
    }
  }
}
