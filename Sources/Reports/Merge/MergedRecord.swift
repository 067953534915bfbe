import Tensors

/// A line of `results.jsonl`, read for the table and the summary.
struct MergedRecord: Decodable {
  let place: Int
  let picture: String
  let label: String?
  let predictions: [PictureReport.Class]
  let explanations: [PictureReport.Map]
  let files: [RecordedFile]

  /// Whether the best class is the one that the list names, by number or by label; nil where it names none.
  var isCorrect: Bool? {
    guard let label, let best = predictions.first else { return nil }
    let names = best.label?.lowercased().split(separator: ",").map { $0.drop { $0 == " " } } ?? []
    let wanted = label.lowercased()
    return Int(label) == best.index || best.label?.lowercased() == wanted || names.contains { $0 == wanted }
  }

  /// The columns of the table.
  static let columns = [
    "place", "picture", "label", "prediction", "prediction_probability", "correct", "method", "layer", "target",
    "target_label", "score", "probability", "diagnostics", "file",
  ]

  /// A row for each map, with line feeds.
  var rows: [UInt8] {
    func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "" }
    let best = predictions.first
    return explanations.flatMap { map in
      let values = [
        "\(place)", picture, text(label), text(best?.label ?? best.map { "\($0.index)" }), text(best?.probability),
        text(isCorrect), map.method, map.layer, text(map.target.index), text(map.target.label), "\(map.target.score)",
        text(map.target.probability), map.diagnostics.map { String($0.prefix { $0 != ":" }) }.joined(separator: " "),
        text(map.files.first),
      ]
      return SeparatedRow.text(values)
    }
  }
}
