import Explanations
import Foundation
import Images
import Synchronization
import TestSupport
import Tensors
import Testing

@testable import Reports

/// Batches, shards, resumed runs, and what they are merged to.
@Suite struct BatchRunTests {
  private let folder: TestFolder
  private let explainer: Explainer
  private var options: BatchOptions

  init() throws {
    folder = try TestFolder()
    explainer = try Explainer(Demonstration.model())
    options = BatchOptions(for: explainer.model)
    options.outputs = [.raw]
    options.batchSize = 4
  }

  /// Ten scenes, one corrupt picture, one that is not there, one with more targets than the others.
  private func list() throws -> PictureList {
    var rows = (0..<10).map { "\(Demonstration.scene($0)),\($0 == 1 ? "heart" : ""),\($0 == 6 ? "top2" : "")" }
    rows.insert("\(try folder.file("corrupt.png", "no picture")),,", at: 3)
    rows.insert("\(folder("gone.png")),,", at: 8)
    return PictureList([try folder.file("list.csv", "path,label,target\n" + rows.joined(separator: "\n"))])
  }

  @discardableResult
  private func run(
    _ output: String, shard: Shard = .whole, isResuming: Bool = false, workers: Int = 2,
    stop: StopRequest = StopRequest(),
    report: @escaping @Sendable (BatchRun.Progress, [String]) -> Void = { _, _ in }
  ) throws -> BatchRun.Progress {
    let run = try BatchRun(
      explainer, options, of: list(), weights: Demonstration.weights, into: folder(output), shard: shard,
      isResuming: isResuming)
    return try run.run(workers: Workers(count: workers), stop: stop, report: report)
  }

  /// All that a batch gave, without what tells of runs and shards.
  private func results(_ output: String) throws -> [String: Data] {
    try folder.files(in: output).filter { !$0.key.hasPrefix("shards/") }
  }

  private func whole() throws -> [String: Data] {
    try run("whole")
    #expect(try BatchMerge.merge(folder("whole")).isComplete)
    return try results("whole")
  }

  @Test("Concepts are drawn with their legend, unless a style was asked for", arguments: [true, false])
  func concepts(areDrawn: Bool) throws {
    var options = options
    options.methods = [DeepFeatureFactorization()]
    options.outputs = [.picture]
    options.renderer.drawsConcepts = areDrawn
    let list = PictureList([Demonstration.scene(0)])
    let run = try BatchRun(explainer, options, of: list, weights: Demonstration.weights, into: folder("out"))
    _ = try run.run(workers: Workers(count: 1))
    let drawings = try folder.files(in: "out").keys.filter { $0.hasSuffix(".dff.png") }
    let drawing = try Image(contentsOf: folder("out/\(try #require(drawings.first))"))
    // The legend makes the drawing higher than it is wide.
    #expect(drawings.count == 1 && (drawing.height > drawing.width) == areDrawn)
  }

  @Test("A batch has a line for each picture, failures in a file of their own, and files with their checksums")
  func whole_() throws {
    let progress = try run("out")
    #expect(progress.explained == 10 && progress.failed == 2 && progress.skipped == 0)
    let summary = try BatchMerge.merge(folder("out"))
    #expect(summary.isComplete && summary.problems.isEmpty)
    #expect(summary.explained == 10 && summary.failed == 2 && summary.maps == 11 && summary.files == 11)
    #expect(summary.labelled == 1 && summary.correct == 1)
    let lines = try folder.text("out/results.jsonl").split(separator: "\n")
    let records = try lines.map { try JSONLine.decoded(MergedRecord.self, from: $0.utf8) }
    #expect(records.map(\.place) == [0, 1, 2, 4, 5, 6, 7, 9, 10, 11])
    for file in records.flatMap(\.files) {
      #expect(file.isVerified(in: folder("out")))
      #expect(try Tensor(npy: "\(folder("out"))/\(file.file)").shape == [96, 96])
    }
    let errors = try folder.text("out/errors.jsonl").split(separator: "\n")
      .map { try JSONLine.decoded(ErrorRecord.self, from: $0.utf8) }
    #expect(errors.map(\.place) == [3, 8])
    #expect(errors[0].error.contains("corrupt.png") && errors[1].error.contains("No such file"))
    #expect(try folder.text("out/results.csv").split(separator: "\n").count == 12)
  }

  @Test("Shards give the bytes of one run, in any order and with any number of threads", arguments: [2, 5])
  func shards(count: Int) throws {
    let whole = try whole()
    for (number, shard) in Shard.all(of: count).enumerated().reversed() {
      try run("out", shard: shard, workers: 1 + number % 3)
    }
    #expect(try BatchMerge.merge(folder("out")).isComplete)
    #expect(try results("out") == whole)
  }

  @Test(
    "A run that was killed goes on behind its torn last line, and nothing is lost or doubled",
    arguments: [0, 1, 500, 5000])
  func torn(kept: Int) throws {
    let whole = try whole()
    try run("out")
    let lines = "out/shards/0-of-1/attempt-1/results.jsonl"
    try folder.bytes(lines).prefix(kept).write(to: URL(filePath: folder(lines)))
    try folder.file("out/shards/0-of-1/partial/.vitcam-x.partial", "half a picture")
    let done = try folder.text(lines).filter { $0 == "\n" }.count
    let progress = try run("out", isResuming: true)
    #expect(progress.skipped == done && progress.explained == 10 - done && progress.failed == 2)
    let summary = try BatchMerge.merge(folder("out"))
    #expect(summary.isComplete && summary.doubled == 0)
    #expect(try results("out") == whole)
    #expect(try folder.files(in: "out/shards/0-of-1/partial").isEmpty)
  }

  @Test("Resuming does again what is no longer as it was recorded, and only that")
  func damaged() throws {
    let whole = try whole()
    try run("out")
    let maps = whole.keys.filter { $0.hasPrefix("maps/") }.sorted()
    try FileManager.default.removeItem(atPath: folder("out/\(maps[0])"))
    var bytes = try folder.bytes("out/\(maps[4])")
    bytes[200] ^= 1
    try bytes.write(to: URL(filePath: folder("out/\(maps[4])")))
    let progress = try run("out", isResuming: true)
    #expect(progress.explained == 2 && progress.skipped == 8)
    let summary = try BatchMerge.merge(folder("out"))
    #expect(summary.isComplete && summary.doubled == 2 && summary.differing == 0)
    let again = try results("out")
    #expect(again.filter { $0.key != "summary.json" } == whole.filter { $0.key != "summary.json" })
  }

  @Test("A picture that failed is tried again, and counts once it can be explained")
  func mended() throws {
    try run("out")
    try FileManager.default.copyItem(atPath: Demonstration.scene(20), toPath: folder("gone.png"))
    let progress = try run("out", isResuming: true)
    #expect(progress.explained == 1 && progress.failed == 1)
    let summary = try BatchMerge.merge(folder("out"))
    #expect(summary.explained == 11 && summary.failed == 1 && summary.doubled == 0)
  }

  @Test("A stop leaves whole batches; going on gives the same bytes")
  func stop() throws {
    let whole = try whole()
    let stop = StopRequest()
    let progress = try run("out", workers: 1, stop: stop) { _, _ in stop.make() }
    #expect(progress.pictures == 4)
    #expect(try BatchMerge.merge(folder("out")).missingPlaces == [4...11])
    try run("out", isResuming: true)
    _ = try BatchMerge.merge(folder("out"))
    #expect(try results("out") == whole)
  }

  @Test("Pictures explained together give what each gives alone, up to rounding")
  func batches() throws {
    try run("out")
    let lines = try folder.text("out/results.jsonl".replacing("out/", with: "out/shards/0-of-1/attempt-1/"))
    for line in lines.split(separator: "\n") {
      let record = try JSONLine.decoded(MergedRecord.self, from: line.utf8)
      let input = try options.preprocessing(Image(contentsOf: record.picture))
      let count = record.explanations.count
      let alone = try explainer.explain(input, methods: options.methods) { _, logits in
        Prediction.best(count, of: logits).map { .logit($0.index) }
      }
      for (file, explanation) in zip(record.files, alone.explanations[0]) {
        let batched = try Tensor(npy: "\(folder("out"))/\(file.file)")
        let largest = explanation.rawMaps[0].scalars.map(\.magnitude).max() ?? 0
        #expect(
          zip(batched.scalars, explanation.rawMaps[0].scalars).allSatisfy { abs($0 - $1) <= 1e-4 * largest })
      }
    }
  }

  @Test("Drawings, heatmaps and JPEG are written where they are asked for")
  func outputs() throws {
    var options = options
    options.outputs = [.picture, .heatmap]
    options.pictureFormat = .jpeg
    let run = try BatchRun(
      explainer, options, of: PictureList([Demonstration.scene(0)]), weights: Demonstration.weights,
      into: folder("out"))
    _ = try run.run()
    let files = try folder.files(in: "out/maps/000000")
    #expect(
      files.keys.sorted()
        == ["crescent.relevance.heatmap.npy", "crescent.relevance.jpg"].map { "000000000-scene-00.\($0)" })
    #expect(
      try Tensor(npy: folder("out/maps/000000/000000000-scene-00.crescent.relevance.heatmap.npy")).shape == [96, 96])
  }
}

/// What batches and merges refuse, and say.
extension BatchRunTests {
  @Test("A folder with earlier results, other options, another list or other shards is refused by what differs")
  func refusals() throws {
    try run("out", shard: Shard(parsing: "0/2"))
    func expectRefused(
      _ fragment: String, shard: String = "0/2", isResuming: Bool = true,
      _ change: (inout BatchOptions) -> Void = { _ in }
    ) throws {
      var options = options
      change(&options)
      let error = try #require(
        throws: UsageError.self,
        performing: {
          try BatchRun(
            explainer, options, of: list(), weights: Demonstration.weights, into: folder("out"),
            shard: Shard(parsing: shard), isResuming: isResuming)
        })
      #expect(error.description.contains(fragment), "\(error)")
    }
    try expectRefused("--resume", isResuming: false)
    try expectRefused("in 2", shard: "0/3")
    try expectRefused("batch size: expected 4, found 8") { $0.batchSize = 8 }
    try expectRefused("methods") { $0.methods = [LayerCAM()] }
    try expectRefused("preprocessing") { $0.preprocessing.mean = [0, 0, 0] }
    let running = try BatchRun(
      explainer, options, of: list(), weights: Demonstration.weights, into: folder("out"), shard: Shard(parsing: "0/2"),
      isResuming: true)
    try expectRefused("another process")
    withExtendedLifetime(running) {}
  }

  @Test("A merge says which places are missing, and which results contradict each other")
  func merges() throws {
    #expect(throws: UsageError.self) { try BatchMerge.merge(folder.path) }
    try run("out", shard: Shard(parsing: "1/3"))
    let summary = try BatchMerge.merge(folder("out"))
    #expect(summary.missingPlaces == [0...3, 8...11] && summary.missing == 8 && !summary.isComplete)
    #expect(summary.problems.count == 1 && summary.problems[0].contains("0-3, 8-11"))

    for shard in ["0/3", "2/3"] { try run("out", shard: Shard(parsing: shard)) }
    let first = "out/shards/0-of-3/attempt-1"
    let line = try folder.text("\(first)/results.jsonl").split(separator: "\n")[1]
    for file in ["run.json", "errors.jsonl"] {
      try folder.file("out/shards/0-of-3/attempt-2/\(file)", folder.text("\(first)/\(file)"))
    }
    try folder.file("out/shards/0-of-3/attempt-2/results.jsonl", line.replacing("heart", with: "hurt") + "\n")
    let doubled = try BatchMerge.merge(folder("out"))
    #expect(doubled.doubled == 1 && doubled.differing == 1 && !doubled.isComplete)
  }

  @Test("Values with commas, quotes and line feeds are quoted in the table")
  func table() {
    let row = SeparatedRow.text(["a", "b,c", "say \"d\"", "e\r\nf", ""])
    #expect(String(decoding: row, as: UTF8.self) == "a,\"b,c\",\"say \"\"d\"\"\",\"e\r\nf\",\n")
  }

  @Test("A label is right by number, by name, and by one of several names")
  func labels() throws {
    func isCorrect(_ label: String?) throws -> Bool? {
      let label = label.map { "\"label\": \"\($0)\"," } ?? ""
      let text = """
        {"place": 0, "picture": "a.png", \(label) "explanations": [], "files": [],
         "predictions": [{"index": 243, "label": "bull mastiff, Bullmastiff dog", "logit": 1, "probability": null}]}
        """
      return try JSONLine.decoded(MergedRecord.self, from: text.utf8).isCorrect
    }
    for label in ["243", "Bull Mastiff", "bullmastiff dog", "bull mastiff, bullmastiff dog"] {
      #expect(try isCorrect(label) == true, "\(label)")
    }
    for label in ["244", "mastiff", "bull"] { #expect(try isCorrect(label) == false, "\(label)") }
    #expect(try isCorrect(nil) == nil)
  }
}
