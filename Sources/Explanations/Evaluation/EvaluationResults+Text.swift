extension EvaluationResults {
  /// The measures that fit into a terminal; files hold all.
  private static let shown = [
    PointingGame.inside, PointingGame.near, MaskEnergy.description, BoxOverlap.description, Insertion.description,
    Deletion.description, ROAD.combined, ADCC.description, ConfidenceChange.drop, ParameterRandomization.spearman,
    Cost.time,
  ].map(\.name)

  /// The measures of the table: those that were computed.
  private func shownMeasures(_ summaries: [EvaluationSummary]) -> [MeasureDescription] {
    measures.filter { measure in
      Self.shown.contains(measure.name) && summaries.contains { $0.values[measure.name] != nil }
    }
  }

  /// A table for people: the best first, baselines marked, what a number means below.
  public var table: String {
    let summaries = summaries
    let measures = shownMeasures(summaries)
    var rows = [["method", "layer"] + measures.map(\.name)]
    for summary in summaries {
      let cells = measures.map { measure in summary.values[measure.name].map(Self.cell) ?? "" }
      rows.append([summary.method + (summary.isBaseline ? " *" : ""), summary.layer] + cells)
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column < 2 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
    let legend = measures.map { "\($0.name): \($0.variant); \($0.better.rawValue) is better" }
    return
      (["\(model), \(Set(records.map(\.key.picture)).count) pictures, \(summaries.first?.count ?? 0) maps each"]
      + lines + [failureLine] + legend).joined(separator: "\n")
  }

  /// Which methods fail, in a sentence.
  public var failureLine: String {
    let failed = failures.map { "\($0.method) at \($0.layer)" }
    guard summaries.contains(where: \.isBaseline) else { return "" }
    return failed.isEmpty
      ? "* baselines: every method beats them by \(headlineName)"
      : "* baselines; no better by \(headlineName): \(failed.joined(separator: ", "))"
  }

  /// A table in Markdown, of the same columns.
  public var markdown: String {
    let summaries = summaries
    let measures = shownMeasures(summaries)
    var lines = ["| method | layer | " + measures.map(\.name).joined(separator: " | ") + " |"]
    lines.append(String(repeating: "|---", count: measures.count + 2) + "|")
    for summary in summaries {
      let cells = measures.map { measure in summary.values[measure.name].map(Self.cell) ?? "" }
      let name = summary.isBaseline ? "*\(summary.method)*" : summary.method
      lines.append("| \(name) | `\(summary.layer)` | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }

  /// Two decimals below ten, none above a hundred.
  private static func cell(_ value: Float) -> String {
    guard value.isFinite else { return "\(value)" }
    let decimals = abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
    let scaled = Int((abs(Double(value)) * [1, 10, 100][decimals]).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(scaled) }
    let unit = decimals == 2 ? 100 : 10
    let fraction = String(scaled % unit)
    return "\(sign)\(scaled / unit)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }
}
