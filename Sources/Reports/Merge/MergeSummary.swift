/// What all shards of a batch came to: the file `summary.json`.
public struct MergeSummary: Encodable, Sendable {
  /// What was asked for.
  public let settings: BatchSettings
  /// The kernels that computed it; more than one where machines differ, and then last digits may too.
  public let kernels: [String]
  /// The number of pictures in the list.
  public let pictures: Int
  /// Those that were explained.
  public internal(set) var explained = 0
  /// Those that could not be.
  public internal(set) var failed = 0
  /// Those that have neither a result nor an error.
  public var missing: Int { missingPlaces.reduce(0) { $0 + $1.count } }
  /// Their places in the list.
  public internal(set) var missingPlaces: [ClosedRange<Int>] = []
  /// Those that more than one run has a result of; the newest one counts.
  public internal(set) var doubled = 0
  /// Those of them whose results are not the same.
  public internal(set) var differing = 0
  /// The maps, their files, and the bytes of these.
  public internal(set) var maps = 0, files = 0, bytes = 0
  /// The pictures whose class the list names, and those of them whose best class is that one.
  public internal(set) var labelled = 0, correct = 0
  /// How often a class was the best one.
  public internal(set) var predictions: [String: Int] = [:]
  /// How often something was suspicious, see ``Diagnostic/name``.
  public internal(set) var diagnostics: [String: Int] = [:]

  /// Whether every picture has exactly one result or error.
  public var isComplete: Bool { missingPlaces.isEmpty && differing == 0 }

  init(settings: BatchSettings, kernels: [String]) {
    self.settings = settings
    self.kernels = kernels
    pictures = settings.list.pictures
  }

  private enum CodingKeys: String, CodingKey {
    case settings, kernels, pictures, explained, failed, missing
    case missingPlaces = "missing_places"
    case doubled, differing, maps, files, bytes, labelled, correct, accuracy, predictions, diagnostics
  }

  /// All of it; places as `"250-499"`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(settings, forKey: .settings)
    try container.encode(kernels, forKey: .kernels)
    for (key, number) in [
      (CodingKeys.pictures, pictures), (.explained, explained), (.failed, failed), (.missing, missing),
      (.doubled, doubled), (.differing, differing), (.maps, maps), (.files, files), (.bytes, bytes),
      (.labelled, labelled), (.correct, correct),
    ] { try container.encode(number, forKey: key) }
    try container.encode(missingPlaces.map(Self.words), forKey: .missingPlaces)
    try container.encode(labelled > 0 ? Double(correct) / Double(labelled) : nil, forKey: .accuracy)
    try container.encode(predictions, forKey: .predictions)
    try container.encode(diagnostics, forKey: .diagnostics)
  }

  /// What is missing or doubled, a line for each; none where all is well.
  public var problems: [String] {
    var lines = [String]()
    if missing > 0 {
      let first = missingPlaces.prefix(5).map(Self.words).joined(separator: ", ")
      let more = missingPlaces.count > 5 ? ", ..." : ""
      lines.append(
        "\(missing) of \(pictures) pictures are missing, at the places \(first)\(more); run their shards with --resume")
    }
    if differing > 0 {
      lines.append(
        "\(differing) pictures have two results that differ: the list's files changed; the newest ones count")
    }
    if kernels.count > 1 {
      lines.append("shards ran on different kernels, \(kernels.joined(separator: ", ")): last digits may differ")
    }
    return lines
  }

  private static func words(_ places: ClosedRange<Int>) -> String {
    places.count == 1 ? "\(places.lowerBound)" : "\(places.lowerBound)-\(places.upperBound)"
  }
}

extension MergeSummary {
  mutating func count(_ record: MergedRecord) {
    explained += 1
    maps += record.explanations.count
    files += record.files.count
    bytes += record.files.reduce(0) { $0 + $1.bytes }
    if let best = record.predictions.first { predictions[best.label ?? "\(best.index)", default: 0] += 1 }
    for diagnostic in record.explanations.flatMap(\.diagnostics) {
      diagnostics[String(diagnostic.prefix { $0 != ":" }), default: 0] += 1
    }
    guard let isCorrect = record.isCorrect else { return }
    labelled += 1
    if isCorrect { correct += 1 }
  }

  mutating func countMissing(_ place: Int) {
    if let last = missingPlaces.last, last.upperBound == place - 1 {
      missingPlaces[missingPlaces.count - 1] = last.lowerBound...place
    } else {
      missingPlaces.append(place...place)
    }
  }
}
