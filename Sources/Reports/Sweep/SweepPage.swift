import Tensors
import Explanations
import Images

/// What the page of a sweep says, in the words of its template `Page/sweep.mustache`.
struct SweepPage {
  /// A checkpoint's row.
  struct Checkpoint {
    let name: String
    let architecture: String
    let isWinner: Bool
    let values: [PageNumber]
  }

  /// A row of the confusion table.
  struct ConfusionRow {
    let name: String
    let number: Int
    let cells: [PageCell]
  }

  /// A picture that the best checkpoint explains.
  struct Explained {
    let number: Int
    let picture: PagePicture
    let label: String
    let found: String
    let loss: String
    let isWrong: Bool
    let maps: [PageMap]

    /// How many pictures stand side by side: the plain one, and the maps.
    let columns: Int
  }

  let title: String
  let name: String
  let summary: String
  let style: String
  let script: String
  let colors: PageColors
  let pictures: [PagePicture]
  let measures: [PageMeasure]
  let checkpoints: [Checkpoint]
  let confusion: [ConfusionRow]
  let explained: [Explained]
  let failures: [String]

  /// The words for a sweep.
  ///
  /// - Throws: `ImageError` where a picture cannot be encoded.
  init(_ results: SweepResults, _ colorMap: ColorMap) throws {
    let (winner, scores, classes) = (results.best, results.checkpoints, results.classes)
    let notes = CheckpointScore.notes.filter { winner?.measures[$0.name] != nil }
    name = winner.map { Folder.name(of: $0.checkpoint) } ?? ""
    title = "\(name), best of \(PageWords.count(scores.count, "checkpoint"))"
    summary = [
      "accuracy \(winner?.accuracy.fixed(3) ?? "")", "loss \(winner?.loss.fixed(3) ?? "")",
      PageWords.count(winner?.pictures ?? 0, "picture"),
    ].joined(separator: " · ")
    style = PageParts.style
    script = PageParts.script
    colors = PageColors(colorMap)
    measures = notes.map { PageMeasure($0) }
    checkpoints = zip(scores, PageNumber.rows(scores.map(\.measures), notes, places: 3)).map { score, values in
      Checkpoint(
        name: Folder.name(of: score.checkpoint), architecture: score.architecture,
        isWinner: score.checkpoint == winner?.checkpoint, values: values)
    }
    confusion = (winner?.confusion ?? []).enumerated().map { place, row in
      let sum = max(1, row.reduce(0, +))
      return ConfusionRow(
        name: classes[place], number: place,
        cells: row.map { PageCell(text: $0 == 0 ? "·" : "\($0)", share: 70 * $0 / sum) })
    }
    explained = try results.explained.enumerated().map { place, entry in
      Explained(
        number: place + 1,
        picture: try PagePicture(entry.picture, size: entry.size, view: entry.view, number: place + 1),
        label: classes[entry.right], found: classes[entry.found], loss: entry.loss.fixed(2),
        isWrong: entry.found != entry.right, maps: try entry.maps.map { try PageMap($0, []) },
        columns: entry.maps.count + 1)
    }
    pictures = explained.map(\.picture)
    failures = results.failures
  }

  /// The page, whole.
  ///
  /// - Throws: what the template's parser says of it.
  func html() throws -> String { try PageParts.rendered(PageParts.sweep, self) }
}
