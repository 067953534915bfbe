import Images

/// How a grid becomes a coarser one, by patch merging, strided convolution or pooling: each place of the coarse grid stands
/// for a rectangle of places of the fine one.
public struct GridReduction: Hashable, Sendable {
  /// The grid before.
  public let fine: ImageSize
  /// The grid after.
  public let coarse: ImageSize
  /// For each row of the coarse grid its rows of the fine one.
  public let rows: [Range<Int>]
  /// For each column of the coarse grid its columns of the fine one.
  public let columns: [Range<Int>]

  private init(_ fine: ImageSize, rows: [Range<Int>], columns: [Range<Int>]) {
    self.fine = fine
    coarse = ImageSize(height: rows.count, width: columns.count)
    self.rows = rows
    self.columns = columns
  }

  /// Squares of a side, row by row; what is left at the end and no square is not read.
  public init(_ fine: ImageSize, by side: Int) {
    self.init(fine, to: fine.divided(by: side), sides: (side, side))
  }

  /// From the grid of a stage to that of the next, by the smallest step that leads there: 56 to 28 by squares of two, 15 to 8
  /// too, the last of which is cut off at the edge.
  public init(_ fine: ImageSize, to coarse: ImageSize) {
    func side(_ length: Int, _ count: Int) -> Int { (1...length).first { length / $0 <= count } ?? length }
    self.init(fine, to: coarse, sides: (side(fine.height, coarse.height), side(fine.width, coarse.width)))
  }

  private init(_ fine: ImageSize, to coarse: ImageSize, sides: (height: Int, width: Int)) {
    func ranges(_ length: Int, _ count: Int, _ side: Int) -> [Range<Int>] {
      (0..<count).map { min($0 * side, length - 1)..<min(($0 + 1) * side, length) }
    }
    self.init(
      fine, rows: ranges(fine.height, coarse.height, sides.height),
      columns: ranges(fine.width, coarse.width, sides.width))
  }

  /// Adaptive average pooling, whose rectangles overlap where the fine grid is no multiple of the coarse one.
  public init(_ fine: ImageSize, pooledTo coarse: ImageSize) {
    func ranges(_ length: Int, _ count: Int) -> [Range<Int>] {
      (0..<count).map { $0 * length / count..<(($0 + 1) * length + count - 1) / count }
    }
    self.init(fine, rows: ranges(fine.height, coarse.height), columns: ranges(fine.width, coarse.width))
  }
}
