import ArgumentParser
import VitCAM

/// How much of the machine is used.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: .init("How many threads to use. Default: the cores that this process may use.", valueName: "n"))
  var count: Int?

  func validate() throws {
    if let count, !(1...1024).contains(count) {
      throw ValidationError("--threads: expected 1 to 1024, found \(count)")
    }
  }

  /// The threads that were asked for.
  var workers: Workers { count.map(Workers.init(count:)) ?? .available }
}
