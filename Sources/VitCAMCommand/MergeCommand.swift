import ArgumentParser
import VitCAM

/// Joins the shards of a batch.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join the shards of a batch into one table, and say what is missing or doubled.",
    discussion: """
      Examples:
        vitcam merge out/

      Writes results.jsonl, errors.jsonl, results.csv (a row per map) and summary.json into the folder.
      Exit status: 0 every picture has one result or error; 1 some are missing or contradict each other; 2 wrong use.
      """)

  @Argument(help: .init("The folder that `vitcam batch` wrote to.", valueName: "folder"))
  var folder: String

  func run() throws {
    let summary = try BatchMerge.merge(folder)
    Self.report(summary, in: folder)
    if !summary.isComplete { throw ExitCode(1) }
  }

  /// Says what the shards came to: in words on standard output, problems on standard error.
  static func report(_ summary: MergeSummary, in folder: String) {
    var line = "\(folder): \(summary.explained) of \(summary.pictures) pictures explained, \(summary.failed) failed, "
    line += "\(summary.missing) missing, \(summary.doubled) doubled; \(summary.maps) maps"
    if summary.labelled > 0 {
      line += "; \(summary.correct) of \(summary.labelled) labelled pictures are what they should be"
    }
    print(line)
    for problem in summary.problems { OneLineErrors.report(UsageError("\(folder): \(problem)")) }
  }
}
