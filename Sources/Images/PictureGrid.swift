/// Pictures in rows and columns with labels, for a page of a paper: all cells are of one size and aligned, and a picture is
/// scaled to its cell without losing its aspect ratio.
public struct PictureGrid: Sendable {
  /// A row of cells.
  public struct Row: Sendable {
    /// What stands at its left, one line each.
    public let label: [String]
    /// One for each column; nil leaves a cell empty.
    public let cells: [Image?]

    /// A row.
    public init(label: [String], cells: [Image?]) {
      self.label = label
      self.cells = cells
    }
  }

  private static let ink = Color(red: 20, green: 20, blue: 20)
  private static let empty = Color(red: 240, green: 240, blue: 240)
  private static let scale = 2
  private static let gap = 8
  private static let margin = 16
  private static let lineHeight = (BitmapFont.glyphHeight + 3) * scale
  private static let letter = BitmapFont.advance * scale

  private let headings: [[String]]
  private let rows: [Row]
  private let cell: ImageSize

  /// A grid.
  ///
  /// - Parameters:
  ///   - headings: what stands above each column, one line each.
  ///   - rows: the rows; each has as many cells as there are headings.
  ///   - cell: the size of a cell.
  public init(headings: [[String]], rows: [Row], cell: ImageSize) {
    precondition(rows.allSatisfy { $0.cells.count == headings.count }, "a cell for each heading")
    self.headings = headings
    self.rows = rows
    self.cell = cell
  }

  /// The grid as a picture on white.
  public var image: Image {
    let labelLines = rows.map { row in row.label.flatMap { Self.lines($0, letters: 18) } }
    let headingLines = headings.map { heading in heading.flatMap { Self.lines($0, letters: cell.width / Self.letter) } }
    let labelWidth = (labelLines.flatMap(\.self).map(\.count).max() ?? 0) * Self.letter
    let headingCount = headingLines.map(\.count).max() ?? 0
    let left = Self.margin + (labelWidth > 0 ? labelWidth + Self.gap : 0)
    let top = Self.margin + (headingCount > 0 ? headingCount * Self.lineHeight + Self.gap / 2 : 0)
    var canvas = Canvas(
      size: ImageSize(
        height: top + rows.count * (cell.height + Self.gap) - Self.gap + Self.margin,
        width: left + headings.count * (cell.width + Self.gap) - Self.gap + Self.margin), filledWith: .white)
    for (column, lines) in headingLines.enumerated() {
      // The last lines stand next to the pictures.
      let first = top - Self.gap / 2 - lines.count * Self.lineHeight
      let middle = left + column * (cell.width + Self.gap) + cell.width / 2
      Self.write(lines, on: &canvas, top: first) { middle - $0.count * Self.letter / 2 }
    }
    for (number, row) in rows.enumerated() {
      let rowTop = top + number * (cell.height + Self.gap)
      let lines = labelLines[number]
      Self.write(lines, on: &canvas, top: rowTop + max(0, (cell.height - lines.count * Self.lineHeight) / 2)) {
        left - Self.gap - $0.count * Self.letter
      }
      for (column, picture) in row.cells.enumerated() {
        draw(picture, on: &canvas, left: left + column * (cell.width + Self.gap), top: rowTop)
      }
    }
    return canvas.image
  }

  private func draw(_ picture: Image?, on canvas: inout Canvas, left: Int, top: Int) {
    guard let picture else {
      canvas.fill(columns: left..<left + cell.width, rows: top..<top + cell.height, Self.empty)
      return
    }
    let factor = min(Double(cell.width) / Double(picture.width), Double(cell.height) / Double(picture.height))
    let size = ImageSize(
      height: max(1, min(cell.height, Int((Double(picture.height) * factor).rounded()))),
      width: max(1, min(cell.width, Int((Double(picture.width) * factor).rounded()))))
    let scaled = picture.displayed()
    canvas.draw(
      Canvas(size == picture.size ? scaled : scaled.resized(to: size, .bicubic)),
      left: left + (cell.width - size.width) / 2, top: top + (cell.height - size.height) / 2)
  }

  private static func write(_ lines: [String], on canvas: inout Canvas, top: Int, left: (String) -> Int) {
    for (number, line) in lines.enumerated() {
      canvas.write(line, left: left(line), top: top + number * lineHeight, scale: scale, ink)
    }
  }

  /// A text in lines of at most so many letters, broken behind spaces and underscores, or anywhere where there are none.
  static func lines(_ text: String, letters: Int) -> [String] {
    var lines = [String]()
    var rest = text[...]
    while rest.count > max(1, letters) {
      let part = rest.prefix(max(1, letters))
      let end = part.lastIndex { "_ -".contains($0) }.map { part.index(after: $0) } ?? part.endIndex
      lines.append(String(rest[..<end].trimmed))
      rest = rest[end...]
    }
    return lines + (rest.isEmpty ? [] : [String(rest.trimmed)])
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    return start.last == " " ? start.dropLast() : start
  }
}
