import ArgumentParser
import Foundation
import VitCAM

/// Times forward and Grad-CAM of any architectures.
struct RowsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rows", abstract: "Forward and Grad-CAM of any architectures, at one thread and at all.")

  @Argument(help: "Architectures, as `vitcam architectures` lists them.")
  var architectures = ["vit_tiny_patch16_224", "vit_base_patch16_224", "resnet50"]

  @OptionGroup var options: RunOptions

  @Option(help: "The side of the input, where it is not the architecture's own.")
  var imageSize: Int?

  @Flag(help: .hidden)
  var rowsOnly = false

  func run() throws {
    guard !rowsOnly else { return try printRows() }
    print(Machine.description, terminator: "\n\n")
    print(
      """
      | model | layer | threads | forward ms, median (min) | Grad-CAM ms, median (min) | peak MiB \
      | relevance ms, median (min) | × forward | peak MiB |
      """)
    print("|---|---|---|---|---|---|---|---|---|")
    // Each in a process of its own, so that peaks are its own.
    for name in architectures {
      let size = imageSize.map { ["--image-size", "\($0)"] } ?? []
      print(
        try Subprocess.output(
          Bundle.main.executableURL, ["rows", name, "--runs", "\(options.runs)", "--rows-only"] + size),
        terminator: "")
      fflush(nil)
    }
  }

  private func printRows() throws {
    for name in architectures {
      let benchmark = try Benchmark(ModelDescription.named(name), imageSize: imageSize)
      for threads in Set([1, Workers.available.count]).sorted() {
        print(try benchmark.row(threads: threads, runs: options.runs))
      }
    }
  }
}

/// How often things are run.
struct RunOptions: ParsableArguments {
  @Option(help: "How often each is run; two more runs before are not counted.")
  var runs = 10

  func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs: expected at least 1, found \(runs)") }
  }
}
