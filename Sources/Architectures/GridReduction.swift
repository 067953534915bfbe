import Images
import LayerGraph
import Tensors

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

extension GridReduction {
  /// The reduction that brings tokens from some places to fewer ones, each in the middle of its rectangle; nil where none of
  /// those that models have does.
  init?(from fine: Places, to coarse: Places) {
    let (rows, columns) = (Self.coordinates(fine.rows), Self.coordinates(fine.columns))
    let (fewerRows, fewerColumns) = (Self.coordinates(coarse.rows), Self.coordinates(coarse.columns))
    guard !fewerRows.isEmpty, !fewerColumns.isEmpty else { return nil }
    let grid = ImageSize(height: rows.count, width: columns.count)
    let target = ImageSize(height: fewerRows.count, width: fewerColumns.count)
    let sides = (1...max(1, grid.longerSide)).filter { grid.divided(by: $0) == target }
    let candidates =
      sides.map { GridReduction(grid, by: $0) } + [
        GridReduction(grid, to: target), GridReduction(grid, pooledTo: target),
      ]
    let found = candidates.first { reduction in
      reduction.coarse == target && Self.lie(fewerRows, inTheMiddleOf: reduction.rows, rows)
        && Self.lie(fewerColumns, inTheMiddleOf: reduction.columns, columns)
    }
    guard let found else { return nil }
    self = found
  }

  private static func coordinates(_ tensor: Tensor) -> [Float] { Set(tensor.scalars).subtracting([0]).sorted() }

  private static func lie(_ coarse: [Float], inTheMiddleOf ranges: [Range<Int>], _ fine: [Float]) -> Bool {
    let tolerance = (fine.last ?? 0) * 1e-3
    return zip(coarse, ranges).allSatisfy { place, range in
      abs(place - fine[range].reduce(0, +) / Float(range.count)) <= tolerance
    }
  }
}
