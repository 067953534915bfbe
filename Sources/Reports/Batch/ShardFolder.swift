import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where a shard keeps what it did: `shards/2-of-8/` in the folder of results.
///
/// Each run of the shard is an attempt with files of its own, `attempt-1/run.json`, `results.jsonl` and `errors.jsonl`;
/// what an earlier one wrote is never changed. So a run that is killed at any point loses its torn last line at most.
struct ShardFolder {
  let path: String

  init(_ shard: Shard, in folder: String) {
    path = "\(folder)/shards/\(shard.fileName)"
  }

  /// Where files lie until they are complete.
  var partial: String { "\(path)/partial" }

  /// What the file `run.json` of an attempt says.
  struct Run: Codable {
    let settings: BatchSettings
    /// The kernels that computed it: others may give other last digits.
    let kernels: String
  }

  /// The folders of the attempts, oldest first.
  var attempts: [String] {
    let names = (try? Folder.files(in: path)) ?? []
    return names.compactMap { path in
      path.split(separator: "/").last.flatMap { $0.hasPrefix("attempt-") ? Int($0.dropFirst(8)) : nil }
        .map { (number: $0, path: path) }
    }.sorted { $0.number < $1.number }.map(\.path)
  }

  /// What an attempt was.
  ///
  /// - Throws: ``UsageError`` where its `run.json` cannot be read.
  static func run(of attempt: String) throws(UsageError) -> Run? {
    let path = "\(attempt)/run.json"
    // It is written first; without it, the attempt was killed before it did anything.
    guard Folder.isTaken(path) else { return nil }
    guard let file = try? MappedFile(path: path),
      let run = try? withExtendedLifetime(file, { try JSONLine.decoded(Run.self, from: file.bytes) })
    else { throw UsageError("\(path): not what a batch writes; remove \(attempt)") }
    return run
  }

  /// The numbers of shards that runs in a folder had, in growing order.
  static func counts(in folder: String) -> [Int] {
    let names = (try? Folder.files(in: "\(folder)/shards")) ?? []
    return Set(names.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } }).sorted()
  }

  /// Makes the folder of a new attempt, and gets rid of what earlier ones left unfinished.
  ///
  /// - Throws: ``UsageError`` or `FileError` where nothing can be written.
  func newAttempt(_ settings: BatchSettings) throws -> String {
    for file in (try? Folder.files(in: partial)) ?? [] { try? FileManager.default.removeItem(atPath: file) }
    try Folder.create(partial)
    let number = attempts.last.flatMap { $0.split(separator: "-").last.flatMap { Int($0) } } ?? 0
    let attempt = "\(path)/attempt-\(number + 1)"
    try Folder.create(attempt)
    let run = Run(settings: settings, kernels: BLASKernels.current.inUse)
    try AtomicFile.write(try JSONLine.indented(run), to: "\(attempt)/run.json")
    return attempt
  }
}
