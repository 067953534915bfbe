import ArgumentParser

/// The command `vitcam`.
@main
struct VitCAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitcam",
    abstract: "Shows which pixels made an image classifier decide.",
    version: "0.1.0",
    subcommands: [
      ExplainCommand.self, LayersCommand.self, ArchitecturesCommand.self, WeightsCommand.self, DoctorCommand.self,
    ],
    defaultSubcommand: ExplainCommand.self)
}
