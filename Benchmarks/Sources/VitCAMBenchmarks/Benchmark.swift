import Foundation
import VitCAM

/// One architecture with random weights, and how long it takes.
struct Benchmark {
  private let explainer: Explainer
  private let picture: Tensor
  private let runs: Int

  init(_ description: ModelDescription, runs: Int) throws {
    let model = try Model(
      name: description.name, description.architecture, parameters: RandomParameters.make(for: description),
      preprocessing: description.preprocessing)
    explainer = try Explainer(model)
    picture = Tensor(repeating: 0.5, shape: [1, 3, model.imageSize.height, model.imageSize.width])
    self.runs = runs
  }

  /// A row of the table: the model, forward alone and Grad-CAM at the recommended layer, forward included.
  func row(threads: Int) throws -> String {
    try Workers.$current.withValue(Workers(count: threads)) {
      let model = explainer.model
      let forward = try time {
        let graph = model.plans.plan().graph
        _ = try graph.run(picture, keeping: .only([graph.output]))
      }
      let gradCAM = try time {
        _ = try explainer.explain(picture, methods: [GradCAM()]) { _, _ in [.logit(0)] }
      }
      if CommandLine.arguments.contains("--profile") {
        let profile = Profile()
        try Profile.$current.withValue(profile) {
          for _ in 0..<runs { _ = try explainer.explain(picture, methods: [GradCAM()]) { _, _ in [.logit(0)] } }
        }
        for entry in profile.byOp.prefix(24) {
          print(
            String(
              format: "%8.2f ms %4d  %@ %@", entry.duration / .milliseconds(1) / Double(runs), entry.count / runs,
              entry.op, entry.phase.rawValue))
        }
        for entry in profile.entries.prefix(12) {
          print(
            String(
              format: "%8.2f ms %4d  %@ %@ %@", entry.duration / .milliseconds(1) / Double(runs), entry.count / runs,
              entry.node, entry.op, entry.phase.rawValue))
        }
      }
      let peak = Machine.peakMemory >> 20
      let cells = [model.name, explainer.layerNames[0], "\(threads)", forward, gradCAM, "\(peak)"]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }

  /// Median and minimum of several runs in milliseconds.
  private func time(_ body: () throws -> Void) rethrows -> String {
    for _ in 0..<2 { try body() }
    let clock = ContinuousClock()
    let times = try (0..<runs).map { _ in try clock.measure(body) }.sorted()
    func milliseconds(_ duration: Duration) -> String { String(format: "%.1f", duration / .milliseconds(1)) }
    return "\(milliseconds(times[times.count / 2])) (\(milliseconds(times[0])))"
  }
}
