/// A picture as text for a terminal with 24-bit colors: each character is a half block that shows two pixels, one above
/// the other.
public struct TerminalPicture: Sendable, CustomStringConvertible {
  /// The lines, each with its escape sequences and with the colors reset at its end.
  public let lines: [String]

  /// A picture shrunk, if need be, to at most so many columns.
  ///
  /// - Precondition: at least one column.
  public init(_ picture: Image, columns: Int) {
    precondition(columns > 0, "a picture needs at least one column")
    let width = min(columns, picture.width)
    // A picture of extreme height would fill the terminal's memory.
    let height = max(1, min(picture.height * width / picture.width, 4 * columns))
    let canvas = Canvas(picture.displayed().resized(to: ImageSize(height: height, width: width), .bilinear))
    lines = stride(from: 0, to: height, by: 2).map { row in
      (0..<width).map { Self.halfBlock(canvas, row: row, column: $0) }.joined() + "\u{1b}[0m"
    }
  }

  /// The lines, each with a line feed.
  public var description: String {
    lines.map { $0 + "\n" }.joined()
  }

  /// The upper half in the foreground's color; the lower in the background's, or nothing below the last row.
  private static func halfBlock(_ canvas: Canvas, row: Int, column: Int) -> String {
    func color(_ row: Int) -> String {
      let color = canvas[row * canvas.size.width + column]
      return "\(color.red);\(color.green);\(color.blue)"
    }
    let lower = row + 1 < canvas.size.height ? "48;2;\(color(row + 1))" : "49"
    return "\u{1b}[38;2;\(color(row));\(lower)m▀"
  }
}
