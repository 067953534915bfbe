import ArgumentParser

/// The command `vitcam`.
@main
struct VitCAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitcam",
    abstract: "Shows which pixels made an image classifier decide.",
    usage: """
      vitcam [<options>] <image> ...
      vitcam <subcommand>
      """,
    discussion: """
      Examples:
        vitcam --arch resnet50 --weights model.pth --labels classes.txt cat.jpg
        vitcam --arch demo_vit --target top2 Weights/Scenes/scene-20.png -o out/
        vitcam layers --arch demo_vit

      `vitcam help explain` lists the options and shows more examples.
      """,
    version: "0.1.0",
    subcommands: [
      ExplainCommand.self, CompareCommand.self, EvaluateCommand.self, BatchCommand.self, MergeCommand.self,
      LayersCommand.self, ArchitecturesCommand.self, WeightsCommand.self, DoctorCommand.self,
    ],
    defaultSubcommand: ExplainCommand.self)

  /// Takes the place of the parser's own `main`, so that every failure is one line and wrong use exits with 2.
  static func main() {
    do {
      try ForeignOptions.check(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      try command.run()
    } catch {
      OneLineErrors.exit(with: error)
    }
  }
}
