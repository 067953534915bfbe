import Explanations
import Synchronization
import Tensors

/// Explains a list of pictures of any length, or a shard of it, into a folder:
///
/// - `maps/000012/000012345-NAME.CLASS.METHOD.png`: what was drawn, by the picture's place in the list;
/// - `shards/0-of-4/attempt-1/results.jsonl` and `errors.jsonl`: a line for each picture, in the order of the list.
///
/// A picture's files are written before its line, each whole or not at all. So a run that was killed can be resumed: what
/// has a line, and files of the recorded size and checksum, is not done again. The same list, options and kernels give the
/// same bytes, however the work was cut into shards and runs, and whatever the number of threads.
public struct BatchRun: Sendable {
  /// The pictures of this shard.
  public let places: Range<Int>
  private let explainer: BatchExplainer
  private let list: PictureList
  private let folder: String
  private let attempt: String
  private let earlier: [String]
  /// Where files lie until they are complete.
  private let partial: String
  private let lock: FolderLock

  /// Prepares a run; nothing is explained yet.
  ///
  /// - Parameters:
  ///   - weights: the file that the model was read from.
  ///   - folder: where results go.
  ///   - isResuming: whether earlier runs of this shard may be gone on with.
  /// - Throws: ``UsageError`` where the folder holds other work, or this shard's and it is not resumed; `FileError` where
  ///   the list cannot be read or the folder not be written to; `TargetError`.
  public init(
    _ explainer: Explainer, _ options: BatchOptions, of list: PictureList, weights: String, into folder: String,
    shard: Shard = .whole, isResuming: Bool = false
  ) throws {
    self.explainer = try BatchExplainer(explainer, options)
    self.list = list
    self.folder = folder
    let settings = BatchSettings(explainer, options, weights: weights, list: try list.identity())
    let kept = ShardFolder(shard, in: folder)
    if let other = ShardFolder.counts(in: folder).first(where: { $0 != shard.count }) {
      throw UsageError(
        "\(folder): expected work in \(shard.count) shards, found some in \(other); take another folder, or --shard i/\(other)"
      )
    }
    earlier = kept.attempts
    guard isResuming || earlier.isEmpty else {
      throw UsageError("\(kept.path): results of an earlier run; --resume goes on with them")
    }
    for attempt in earlier {
      if let difference = try ShardFolder.run(of: attempt).flatMap({ settings.difference(from: $0.settings) }) {
        throw UsageError("\(attempt): not the same work, \(difference); take another folder")
      }
    }
    try Folder.create(kept.path)
    lock = try FolderLock(kept.path)
    attempt = try kept.newAttempt(settings)
    partial = kept.partial
    places = shard.places(of: settings.list.pictures, batchSize: options.batchSize)
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    /// The pictures that were explained by this run.
    public internal(set) var explained = 0
    /// Those that an earlier run had done.
    public internal(set) var skipped = 0
    /// Those that could not be explained.
    public internal(set) var failed = 0
    /// The bytes of the files that were written.
    public internal(set) var bytes = 0

    /// All of them.
    public var pictures: Int { explained + skipped + failed }
  }

  /// Explains what is to be explained.
  ///
  /// - Parameters:
  ///   - workers: how many batches are explained at once, each on one thread.
  ///   - stop: ends it early: what is under way is finished or dropped whole.
  ///   - report: called after each batch, with what this run has done so far and the failures of that batch.
  /// - Throws: `FileError` where results cannot be written or the list not be read.
  public func run(
    workers: Workers = .available, stop: StopRequest = StopRequest(),
    report: @escaping @Sendable (Progress, _ failures: [String]) -> Void = { _, _ in }
  ) throws -> Progress {
    let blocks = Mutex(
      try PictureBlocks(list, places: places, batchSize: explainer.options.batchSize, earlier: earlier))
    let results = try AppendedFile("\(attempt)/results.jsonl")
    let errors = try AppendedFile("\(attempt)/errors.jsonl")
    let progress = Mutex(Progress())
    let pipeline = OrderedPipeline(
      stop: stop, next: { try blocks.withLock { try $0.next() } },
      prepare: { LoadedBlock($0, folder: folder, by: explainer) }, work: { try finish($0) },
      deliver: { block in
        try results.append(block.results)
        try errors.append(block.errors)
        let now = progress.withLock { progress in
          progress.add(block.progress)
          return progress
        }
        report(now, block.failures)
      })
    try pipeline.run(workers: workers.count)
    return progress.withLock { $0 }
  }

  /// What is recorded of a block, once its files are written.
  private struct FinishedBlock: Sendable {
    var results = [UInt8]()
    var errors = [UInt8]()
    var failures = [String]()
    var progress = Progress()
  }

  private func finish(_ block: LoadedBlock) throws -> FinishedBlock {
    var finished = FinishedBlock()
    finished.progress.skipped = block.done.count
    var failures = block.failures
    for (picture, result) in zip(block.pictures, explainer.explain(block.pictures)) {
      guard !block.done.contains(picture.listed.place) else { continue }
      switch result {
      case .success(let explained):
        let (line, bytes) = try write(explained)
        finished.results += line
        finished.progress.explained += 1
        finished.progress.bytes += bytes
      case .failure(let error): failures.append((picture.listed, "\(error)"))
      }
    }
    for (picture, reason) in failures.sorted(by: { $0.picture.place < $1.picture.place }) {
      finished.errors += try JSONLine.encoded(ErrorRecord(picture, reason)) + [UInt8(ascii: "\n")]
      finished.failures.append(reason)
      finished.progress.failed += 1
    }
    return finished
  }

  /// Writes a picture's files; gives its line and their size.
  private func write(_ explained: ExplainedPicture) throws -> (line: [UInt8], bytes: Int) {
    let picture = explained.picture.listed
    let base = Self.base(of: picture)
    var recorded = [RecordedFile]()
    var names = [(map: Int, name: String)]()
    for file in try explained.files(explainer.options) {
      let name = "\(base).\(file.suffix)"
      if recorded.isEmpty { try Folder.create(Folder.parent(of: "\(folder)/\(name)")) }
      try AtomicFile.write(file.bytes, to: "\(folder)/\(name)", by: partial)
      recorded.append(RecordedFile(name, file.bytes))
      names.append((file.map, name))
    }
    let record = PictureRecord(
      place: picture.place, picture: picture.path, label: picture.label,
      predictions: explained.predictions.map { .init($0) }, explanations: explained.maps(files: names), files: recorded)
    let line = try JSONLine.encoded(record) + [UInt8(ascii: "\n")]
    return (line, recorded.reduce(line.count) { $0 + $1.bytes })
  }

  /// What the names of a picture's files begin with: a thousand pictures share a folder.
  private static func base(of picture: ListedPicture) -> String {
    func padded(_ number: Int, _ digits: Int) -> String {
      String(repeating: "0", count: max(0, digits - "\(number)".count)) + "\(number)"
    }
    let name = MapName.fileName(of: Folder.stem(of: picture.path))
    return "maps/\(padded(picture.place / 1000, 6))/\(padded(picture.place, 9))-\(name)"
  }
}

extension BatchRun.Progress {
  fileprivate mutating func add(_ other: BatchRun.Progress) {
    explained += other.explained
    skipped += other.skipped
    failed += other.failed
    bytes += other.bytes
  }
}
