/// A part of a product that one thread computes: some rows times some panels of columns.
struct ProductPart {
  let rows: Range<Int>
  let panels: Range<Int>

  /// How many parts it takes for all threads to be through at about the same time.
  static var wanted: Int { Workers.current.count == 1 ? 1 : 8 * Workers.current.count }

  /// Cuts rows and panels into as many ranges, as equal as can be, and gives each pair of them.
  static func grid(rows: Int, in rowParts: Int, panels: Int, in panelParts: Int) -> [ProductPart] {
    (0..<rowParts * panelParts).map { index in
      let (row, panel) = (index / panelParts, index % panelParts)
      return ProductPart(
        rows: rows * row / rowParts..<rows * (row + 1) / rowParts,
        panels: panels * panel / panelParts..<panels * (panel + 1) / panelParts)
    }
  }
}
