import ArgumentParser
import Foundation
import VitCAM

/// Times the prediction and the explanation of a picture, and prints a table.
@main
struct VitCAMBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitcam-benchmarks",
    abstract: "Times forward and Grad-CAM, one picture, random weights, and prints a table.")

  @Argument(help: "Architectures, as `vitcam architectures` lists them.")
  var architectures = ["vit_tiny_patch16_224", "vit_base_patch16_224", "resnet50"]

  @Option(help: "How often each is run; two more runs before are not counted.")
  var runs = 10

  @Flag(help: .hidden)
  var profile = false

  @Flag(help: .hidden)
  var rowsOnly = false

  func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs: expected at least 1, found \(runs)") }
  }

  func run() throws {
    guard !rowsOnly else { return try printRows() }
    print(Machine.description, terminator: "\n\n")
    print("| model | layer | threads | forward ms, median (min) | Grad-CAM ms, median (min) | peak MiB |")
    print("|---|---|---|---|---|---|")
    // Each in a process of its own, so that peaks are its own.
    for name in architectures { try runSelf(arguments: [name, "--runs", "\(runs)", "--rows-only"]) }
  }

  private func printRows() throws {
    for name in architectures {
      let benchmark = try Benchmark(ModelDescription.named(name), runs: runs)
      for threads in Set([1, Workers.available.count]).sorted() { print(try benchmark.row(threads: threads)) }
    }
  }

  private func runSelf(arguments: [String]) throws {
    fflush(nil)
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
  }
}
