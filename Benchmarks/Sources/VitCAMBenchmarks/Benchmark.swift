import Foundation
import VitCAM

/// One architecture with random weights, and how long it takes.
struct Benchmark {
  let explainer: Explainer
  private let picture: Tensor

  /// - Parameter imageSize: the side of the input, where it is not the architecture's own.
  init(_ description: ModelDescription, imageSize: Int? = nil) throws {
    var preprocessing = description.preprocessing
    if let imageSize { preprocessing.size = ImageSize(square: imageSize) }
    let model = try Model(
      name: description.name, description.architecture,
      parameters: RandomParameters.make(for: description, preprocessing: preprocessing), preprocessing: preprocessing)
    explainer = try Explainer(model)
    picture = Tensor(repeating: 0.5, shape: [1, 3, model.imageSize.height, model.imageSize.width])
  }

  private func pictures(_ count: Int) -> Tensor {
    Tensor(repeating: 0.5, shape: picture.shape.perSample.batched(count))
  }

  // MARK: What is timed

  /// The graph from the input to the logits, keeping nothing else.
  func forward(pictures count: Int = 1) throws {
    let graph = explainer.model.plans.plan().graph
    _ = try graph.run(pictures(count), keeping: .only([graph.output]))
  }

  /// Forward, one backward for each class, the maps and their resizing; no drawing.
  func explain(methods: [any ExplanationMethod] = [GradCAM()], classes: Int = 1, pictures count: Int = 1) throws {
    _ = try explainer.explain(pictures(count), methods: methods) { _, _ in (0..<classes).map { .logit($0) } }
  }

  /// What lies behind the explainer's layer, for many variants of its result.
  func tail(variants: Int) throws {
    _ = try explainer.explain(picture, methods: [Variants(count: variants)]) { _, _ in [.logit(0)] }
  }

  // MARK: Tables

  /// A row of the plain table: forward alone, Grad-CAM, and the process's peak memory.
  func row(threads: Int, runs: Int) throws -> String {
    try Workers.$current.withValue(Workers(count: threads)) {
      let forward = try Timing(runs: runs) { try self.forward() }
      let gradCAM = try Timing(runs: runs) { try explain() }
      let memory = Machine.peakMemory >> 20
      let relevance = try Timing(runs: runs) { try explain(methods: [Relevance()]) }
      let share = (relevance.median / forward.median).formatted(.number.precision(.fractionLength(2)))
      let cells = [
        explainer.model.name, explainer.layerNames[0], "\(threads)", forward.cell, gradCAM.cell, "\(memory)",
        relevance.cell, share, "\(Machine.peakMemory >> 20)",
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
  }
}

/// Runs the rest of the model on a number of equal variants of the layer's features.
private struct Variants: ExplanationMethod {
  static let name = "variants"
  static let summary = "Runs of the rest of the model, to be timed."
  let needs: Needs = [.tailRuns]
  let count: Int

  func maps(of evidence: Evidence) throws -> MethodMaps {
    _ = try evidence.outputs(ofVariants: count, atLayer: 0, picture: 0, batchSize: 32) { _, _ in }
    return .ofLayers(evidence.layers.map { $0.activations.channelSum() })
  }
}
