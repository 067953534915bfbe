import ArgumentParser

/// Times predictions and explanations, one picture, random weights, and prints tables.
@main
struct VitCAMBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitcam-benchmarks",
    abstract: "Times predictions and explanations, random weights, and prints tables.",
    subcommands: [RowsCommand.self, TableCommand.self, SharesCommand.self], defaultSubcommand: RowsCommand.self)
}
