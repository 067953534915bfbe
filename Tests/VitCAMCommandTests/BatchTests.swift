import Foundation
import Testing

/// `vitcam batch` and `vitcam merge` as processes that are stopped, killed and resumed.
@Suite struct BatchTests {
  private let folder: TemporaryFolder
  private let list: String

  /// The shipped scenes, each of them five times.
  init() throws {
    folder = try TemporaryFolder()
    let scenes = try Scene.all().map { "\(CommandRun.root.path)/\($0.path),\($0.objects[0].label)" }
    let rows = (0..<5).flatMap { _ in scenes }
    list = try folder.file("list.csv", Array("path,label\n\(rows.joined(separator: "\n"))\n".utf8))
  }

  private func arguments(_ output: String, _ more: String...) -> [String] {
    [
      "batch", "--arch", "demo_swin", list, "-o", folder.path(output), "--write", "raw", "--threads", "1", "--resume",
    ] + more
  }

  /// All that a batch gave, without what tells of runs.
  private func results(_ output: String) throws -> [String: Data] {
    let names = folder.contents.filter { $0.hasPrefix("\(output)/") && !$0.hasPrefix("\(output)/shards") }
    let files = names.filter {
      $0.hasSuffix(".npy") || $0.hasSuffix(".jsonl") || $0.hasSuffix(".csv") || $0.hasSuffix(".json")
    }
    return try Dictionary(
      uniqueKeysWithValues: files.map { (String($0.dropFirst(output.count)), try Data(contentsOf: folder.url($0))) })
  }

  /// Starts a batch, and sends it a signal once it has some results.
  private func interrupt(_ output: String, attempt: Int, _ signal: Int32) throws -> Process {
    let process = try CommandRun.process(arguments(output))
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let lines = folder.path("\(output)/shards/0-of-1/attempt-\(attempt)/results.jsonl")
    while process.isRunning, (try? FileManager.default.attributesOfItem(atPath: lines)[.size] as? Int ?? 0) ?? 0 < 2000
    {
      usleep(1000)
    }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process
  }

  @Test("A batch that is killed, resumed, stopped and resumed gives what one run and four shards give")
  func killed() throws {
    let whole = try CommandRun(arguments("whole"))
    #expect(whole.status == 0, "\(whole.error)")
    #expect(whole.output.contains("120 of 120 pictures explained, 0 failed, 0 missing, 0 doubled"))

    let killed = try interrupt("out", attempt: 1, SIGKILL)
    #expect(killed.terminationReason == .uncaughtSignal && killed.terminationStatus == SIGKILL)
    let early = try CommandRun(["merge", folder.path("out")])
    #expect(early.status == 1 && early.error.contains("of 120 pictures are missing"))
    let stopped = try interrupt("out", attempt: 2, SIGTERM)
    #expect(stopped.terminationReason == .exit && stopped.terminationStatus == 143)
    let resumed = try CommandRun(arguments("out"))
    #expect(resumed.status == 0 && resumed.error.contains("were done before"), "\(resumed.error)")
    #expect(resumed.output.contains("120 of 120 pictures explained, 0 failed, 0 missing, 0 doubled"))
    #expect(try results("out") == results("whole"))

    for shard in 0..<4 { #expect(try CommandRun(arguments("four", "--shard", "\(shard)/4")).status == 0) }
    #expect(try CommandRun(["merge", folder.path("four")]).status == 0)
    #expect(try results("four") == results("whole"))
    #expect(try results("whole").count == 124)
  }

  @Test("Ctrl-C stops with its own status, and nothing is half-written")
  func interrupted() throws {
    let process = try interrupt("out", attempt: 1, SIGINT)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(!folder.contents.contains { $0.hasSuffix(".partial") })
    let lines = try String(contentsOf: folder.url("out/shards/0-of-1/attempt-1/results.jsonl"), encoding: .utf8)
    #expect(lines.hasSuffix("}\n"))
  }

  @Test("As a pipe it answers each line before the next one comes, errors included, and ends with 0")
  func pipe() throws {
    let process = try CommandRun.process(["batch", "--stdin", "--arch", "demo_swin"])
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    for (line, fragment) in [
      ("Weights/Scenes/scene-00.png", "\"label\":\"crescent\""), ("no-such.png", "\"error\":\"cannot read no-such.png"),
      ("{\"path\": \"Weights/Scenes/scene-01.png\", \"id\": 5}", "\"id\":5"),
    ] {
      try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
      var answer = Data()
      while answer.last != UInt8(ascii: "\n") {
        let more = output.fileHandleForReading.availableData
        guard !more.isEmpty else { break }
        answer += more
      }
      #expect(String(decoding: answer, as: UTF8.self).contains(fragment))
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test("Corrupt pictures are lines in errors.jsonl; the status says so")
  func corrupt() throws {
    try FileManager.default.createDirectory(at: folder.url("a"), withIntermediateDirectories: true)
    _ = try folder.file("a/corrupt.png", [1, 2, 3])
    try FileManager.default.copyItem(
      at: CommandRun.root.appending(path: "Weights/Scenes/scene-00.png"), to: folder.url("a/good.png"))
    let run = try CommandRun(["batch", "--arch", "demo_swin", folder.path("a"), "-o", folder.path("a/out")])
    #expect(run.status == 1)
    #expect(run.output.contains("1 of 2 pictures explained, 1 failed, 0 missing, 0 doubled; 1 maps"))
    let errors = try String(contentsOf: folder.url("a/out/errors.jsonl"), encoding: .utf8)
    #expect(errors.split(separator: "\n").count == 1 && errors.contains("corrupt.png"))
    #expect(folder.contents.contains("a/out/maps/000000/000000001-good.crescent.relevance.png"))
    // The results lie among the pictures, and are none of them.
    let again = try CommandRun([
      "batch", "--arch", "demo_swin", folder.path("a"), "-o", folder.path("a/out"), "--resume",
    ])
    #expect(again.status == 1 && again.error.contains("1 were done before; 1 failed"), "\(again.error)")
  }

  @Test(
    "Wrong use is one line and status 2",
    arguments: [
      (["batch", "--arch", "demo_swin"], "expected pictures"), (["batch", "--arch", "demo_swin", "a.png"], "--output"),
      (["batch", "--stdin", "--arch", "demo_swin", "-o", "x"], "--stdin"),
      (["batch", "--arch", "demo_swin", "a.png", "-o", "/tmp/x", "--shard", "4/4"], "counted from 0"),
      (["batch", "--arch", "demo_swin", "a.png", "-o", "/tmp/x", "--batch-size", "0"], "1 to 1024"),
      (["merge", "Weights"], "vitcam batch"),
    ])
  func wrongUse(arguments: [String], fragment: String) throws {
    try CommandRun(arguments).expectFailure(2, fragment)
  }
}
