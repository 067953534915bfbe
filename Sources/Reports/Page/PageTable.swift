/// A column of numbers of a table.
struct PageMeasure {
  let name: String
  let variant: String
  let better: String
  let arrow: String

  init(_ note: MeasureNote) {
    (name, variant, better) = (note.name, note.variant, note.better)
    arrow = note.better == "higher" ? "↑" : "↓"
  }
}

/// A number of a table; the exact one is what rows are sorted by.
struct PageNumber {
  let name: String
  let text: String
  let exact: String
  let isBest: Bool

  init(_ name: String, _ value: Float?, isBest: Bool = false, places: Int = 2) {
    self.name = name
    text = value?.fixed(places) ?? "–"
    exact = value.map { "\($0)" } ?? ""
    self.isBest = isBest && value != nil
  }

  /// The numbers of a table's rows, the best of each column marked.
  ///
  /// - Parameters:
  ///   - rows: the measures by their names.
  ///   - places: the decimal places of all but times.
  static func rows(_ rows: [[String: Float]], _ measures: [MeasureNote], places: Int = 2) -> [[PageNumber]] {
    rows.map { row in
      measures.map { measure in
        let all = rows.compactMap { $0[measure.name] }
        let best = measure.better == "higher" ? all.max() : all.min()
        return PageNumber(
          measure.name, row[measure.name], isBest: all.count > 1 && row[measure.name] == best,
          places: measure.name == "ms" ? 1 : places)
      }
    }
  }
}

/// A cell of a matrix: its text, and how much of the accent it has, in percent.
struct PageCell {
  let text: String
  let share: Int
}

/// Words that pages share.
enum PageWords {
  /// `1 model`, `2 models`.
  static func count(_ count: Int, _ name: String) -> String { "\(count) \(name)\(count == 1 ? "" : "s")" }
}
