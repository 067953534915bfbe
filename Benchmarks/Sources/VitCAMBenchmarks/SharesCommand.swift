import ArgumentParser
import Foundation
import VitCAM

/// What more classes, methods, pictures and variants cost beside one explanation.
struct SharesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shares", abstract: "What more classes, methods, pictures, variants and threads cost.")

  @Argument(help: "Architectures, as `vitcam architectures` lists them.")
  var architectures = ["vit_base_patch16_224", "resnet50"]

  @OptionGroup var options: RunOptions

  func run() throws {
    print(Machine.description, terminator: "\n\n")
    print(
      "| model | Grad-CAM ms | ten classes | all gradient methods | one variant of the tail ms | one of 8 pictures "
        + "| speed of one thread | steps of the plan, of the graph | page faults of a run |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in architectures {
      print(try row(Benchmark(ModelDescription.named(name))))
      fflush(nil)
    }
  }

  private func row(_ benchmark: Benchmark) throws -> String {
    let runs = options.runs
    let one = try Timing(runs: runs) { try benchmark.explain() }
    let ten = try Timing(runs: runs) { try benchmark.explain(classes: 10) }
    let methods = ExplanationMethods.all.filter { $0 is any LayerMethod && $0.needs.contains(.gradients) }
    let all = try Timing(runs: runs) { try benchmark.explain(methods: methods) }
    // The forward that a run of variants begins with is taken off.
    let forward = try Timing(runs: runs) { try benchmark.forward() }
    let variants = try Timing(runs: runs) { try benchmark.tail(variants: 64) }
    let eight = try Timing(runs: runs) { try benchmark.explain(pictures: 8) }
    let single = try Workers.$current.withValue(Workers(count: 1)) {
      try Timing(runs: runs) { try benchmark.explain() }
    }
    let faultsBefore = Machine.pageFaults
    for _ in 0..<runs { try benchmark.explain() }
    let faults = (Machine.pageFaults - faultsBefore) / runs
    let model = benchmark.explainer.model
    let cells = [
      model.name, one.cell, ratio(ten.median / one.median), ratio(all.median / one.median),
      String(format: "%.2f", (variants.median - 2 * forward.median) / 64), ratio(eight.median / 8 / one.median),
      ratio(one.median / single.median),
      "\(model.plans.plan().graph.nodes.count), \(model.graph.nodes.count)", "\(faults)",
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  private func ratio(_ value: Double) -> String {
    String(format: "%.2f", value)
  }
}
