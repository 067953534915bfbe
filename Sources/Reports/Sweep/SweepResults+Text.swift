import Tensors

extension SweepResults {
  /// The checkpoints in a table for the terminal, the best one marked with a star.
  public var table: String {
    let rows =
      [["", "checkpoint", "accuracy", "top 5", "loss", "ms"]]
      + checkpoints.map { score in
        [
          score.checkpoint == best?.checkpoint ? "*" : "", Folder.name(of: score.checkpoint), score.accuracy.fixed(3),
          score.topFive.fixed(3), score.loss.fixed(3), score.milliseconds.map { Float($0).fixed(1) } ?? "",
        ]
      }
    let widths = rows[0].indices.map { column in rows.map(\.[column].count).max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column < 2 ? cell + space : space + cell
      }
      return cells.joined(separator: "  ").trimmed
    }.joined(separator: "\n")
  }
}

extension String {
  /// Without the spaces at its end.
  fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
