import Explanations

extension MapRanking {
  /// The first lines of the ranking for people, and what choosing took.
  public var table: String {
    let milliseconds = Int(cost.duration.milliseconds.rounded())
    var lines = ["best of \(maps.count) maps, by \(cost.runs.forward) more runs of the model in \(milliseconds) ms"]
    let rows = maps.prefix(5).map { map in
      (
        map.method, map.layer,
        map.curves.map { "insertion \($0.insertion.brief)  deletion \($0.deletion.brief)" } ?? "not tried"
      )
    }
    func padded(_ text: String, to width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let methodWidth = rows.map(\.0.count).max() ?? 0
    let layerWidth = rows.map(\.1.count).max() ?? 0
    for (place, row) in rows.enumerated() {
      lines.append("  \(place + 1)  \(padded(row.0, to: methodWidth))  \(padded(row.1, to: layerWidth))  \(row.2)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
