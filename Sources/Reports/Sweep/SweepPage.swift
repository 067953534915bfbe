import Explanations
import Images
import Mustache

/// What the page of a sweep says, in the words of its template `Page/sweep.mustache`.
struct SweepPage {
  /// A checkpoint's row.
  struct Checkpoint {
    let name: String
    let architecture: String
    let isBest: Bool
    let values: [ComparisonPage.Number]
  }

  /// A row of the confusion table.
  struct ConfusionRow {
    let name: String
    let number: Int
    let cells: [ComparisonPage.Matrix.Cell]
  }

  /// A picture that the best checkpoint gets wrong.
  struct Worst {
    let picture: ComparisonPage.Picture
    let label: String
    let found: String
    let loss: String
    let isWrong: Bool
    let maps: [ComparisonPage.Shown]
  }

  private static let measures = [
    MeasureNote(MeasureDescription("accuracy", better: .higher, "share of the pictures whose best class is the right one")),
    MeasureNote(MeasureDescription("top 5", better: .higher, "share whose right class is among the best five")),
    MeasureNote(MeasureDescription("loss", better: .lower, "mean of -log p of the right class")),
    MeasureNote(MeasureDescription("ms", better: .lower, "milliseconds of a forward run")),
  ]

  let title: String
  let best: String
  let summary: String
  let style: String
  let script: String
  let colors: ComparisonPage.Colors
  let pictures: [ComparisonPage.Picture]
  let measures: [ComparisonPage.Measure]
  let checkpoints: [Checkpoint]
  let confusion: [ConfusionRow]
  let worst: [Worst]
  let failures: [String]

  /// The words for a sweep.
  ///
  /// - Throws: `ImageError` where a picture cannot be encoded.
  init(_ results: SweepResults) throws {
    let winner = results.best
    let known = Self.measures.filter { $0.name != "ms" || winner?.milliseconds != nil }
    let scores = results.checkpoints
    title = ComparisonPage.count(scores.count, "checkpoint")
    best = winner.map { Self.name(of: $0.checkpoint) } ?? ""
    summary = [
      "accuracy \(winner?.accuracy.fixed(3) ?? "")", "loss \(winner?.loss.fixed(3) ?? "")",
      ComparisonPage.count(winner?.pictures ?? 0, "picture"),
    ].joined(separator: " · ")
    style = PageParts.style
    script = PageParts.sorting
    colors = ComparisonPage.Colors(.jet)
    measures = known.map { ComparisonPage.Measure($0) }
    checkpoints = scores.map { score in
      Checkpoint(
        name: Self.name(of: score.checkpoint), architecture: score.architecture,
        isBest: score.checkpoint == winner?.checkpoint,
        values: known.map { measure in
          let all = scores.compactMap { $0.value(of: measure.name) }
          let best = measure.better == "higher" ? all.max() : all.min()
          let value = score.value(of: measure.name)
          return ComparisonPage.Number(
            measure.name, value, isBest: all.count > 1 && value == best, places: measure.name == "ms" ? 1 : 3)
        })
    }
    let classes = results.classes
    confusion = (winner?.confusion ?? []).enumerated().map { place, row in
      let sum = max(1, row.reduce(0, +))
      return ConfusionRow(
        name: classes[place], number: place,
        cells: row.map { .init(text: $0 == 0 ? "·" : "\($0)", share: 70 * $0 / sum) })
    }
    let worst = try results.worst.enumerated().map { number, worst in
      Worst(
        picture: try .init(worst, number: number + 1), label: worst.label, found: classes[worst.found],
        loss: worst.loss.fixed(2), isWrong: worst.found != worst.right,
        maps: try worst.maps.map { try .init($0, []) })
    }
    self.worst = worst
    pictures = worst.map(\.picture)
    failures = results.failures
  }

  /// The page, whole.
  ///
  /// - Throws: what the template's parser says of it.
  func html() throws -> String { try PageParts.rendered(PageParts.sweep, self) }

  private static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

extension CheckpointScore {
  /// A number by its name in tables.
  fileprivate func value(of measure: String) -> Float? {
    switch measure {
    case "accuracy": accuracy
    case "top 5": topFive
    case "loss": loss
    default: milliseconds.map { Float($0) }
    }
  }
}
