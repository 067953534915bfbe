import Tensors

/// Joins the shards of a batch, see ``BatchRun``, into one table: `results.jsonl`, `errors.jsonl`, `results.csv` with a row
/// for each map, and `summary.json`. One run and any number of shards and resumed runs of the same work give the same
/// bytes.
///
/// It reads line by line and holds none of them, so lists may be of any length.
public enum BatchMerge {
  /// Joins the shards in a folder; the files appear in it, each whole.
  ///
  /// - Throws: ``UsageError`` where the folder holds no batch, or shards of different work; `FileError`.
  public static func merge(_ folder: String) throws -> MergeSummary {
    let counts = ShardFolder.counts(in: folder)
    guard let count = counts.first else {
      throw UsageError("\(folder): expected a folder that `vitcam batch` writes to, found no shards/ in it")
    }
    guard counts.count == 1 else {
      throw UsageError(
        "\(folder): work in \(counts.map(String.init).joined(separator: " and in ")) shards; keep one of them")
    }
    let shards = Shard.all(of: count)
    var summary = try summary(of: shards, in: folder)
    let results = try AtomicFileWriter("\(folder)/results.jsonl")
    let errors = try AtomicFileWriter("\(folder)/errors.jsonl")
    let table = try AtomicFileWriter("\(folder)/results.csv")
    try table.append(SeparatedRow.text(MergedRecord.columns))
    for shard in shards {
      let places = shard.places(of: summary.pictures, batchSize: summary.settings.batchSize)
      let pictures = try MergedPictures(attempts: ShardFolder(shard, in: folder).attempts)
      for place in places {
        let found = try pictures.picture(at: place)
        if found.results > 1 { summary.doubled += 1 }
        if found.isDiffering { summary.differing += 1 }
        switch found.newest {
        case .result(let line):
          guard let record = try? JSONLine.decoded(MergedRecord.self, from: line) else {
            summary.countMissing(place)
            continue
          }
          summary.count(record)
          try results.append(line + [UInt8(ascii: "\n")])
          try table.append(record.rows)
        case .error(let line):
          summary.failed += 1
          try errors.append(line + [UInt8(ascii: "\n")])
        case nil: summary.countMissing(place)
        }
      }
    }
    try results.commit()
    try errors.commit()
    try table.commit()
    try AtomicFile.write(try JSONLine.indented(summary), to: "\(folder)/summary.json")
    return summary
  }

  /// A summary that counts nothing yet, of shards that agree in what they did.
  private static func summary(of shards: [Shard], in folder: String) throws -> MergeSummary {
    var settings: BatchSettings?
    var kernels = Set<String>()
    for shard in shards {
      for attempt in ShardFolder(shard, in: folder).attempts {
        guard let run = try ShardFolder.run(of: attempt) else { continue }
        if let difference = settings.flatMap({ run.settings.difference(from: $0) }) {
          throw UsageError("\(attempt): not the same work as the shards before it, \(difference)")
        }
        settings = run.settings
        kernels.insert(run.kernels)
      }
    }
    guard let settings else { throw UsageError("\(folder): no shard has begun its work") }
    return MergeSummary(settings: settings, kernels: kernels.sorted())
  }
}

/// The lines that all attempts at a shard have of its pictures.
private struct MergedPictures {
  enum Line {
    case result([UInt8])
    case error([UInt8])
  }

  private let attempts: [(results: RecordedLines, errors: RecordedLines)]

  /// - Parameter attempts: their folders, oldest first.
  init(attempts: [String]) throws {
    self.attempts = try attempts.map {
      (try RecordedLines("\($0)/results.jsonl"), try RecordedLines("\($0)/errors.jsonl"))
    }
  }

  /// The newest line of a picture, how many results there are of it, and whether two of them differ.
  func picture(at place: Int) throws -> (newest: Line?, results: Int, isDiffering: Bool) {
    var newest: Line?
    var results = [[UInt8]]()
    for attempt in attempts {
      if let line = try attempt.errors.line(at: place) { newest = .error(line.bytes) }
      if let line = try attempt.results.line(at: place) {
        newest = .result(line.bytes)
        results.append(line.bytes)
      }
    }
    return (newest, results.count, results.contains { $0 != results[0] })
  }
}
