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
      let forward = try time { _ = try model.graph.run(picture, keeping: .only([model.graph.output])) }
      let gradCAM = try time {
        _ = try explainer.explain(picture, methods: [GradCAM()]) { _, _ in [.logit(0)] }
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
