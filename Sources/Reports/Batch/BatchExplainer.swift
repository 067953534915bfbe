import Architectures
import Explanations
import Images
import Tensors

/// Explains pictures, several of them in one run of the model. The only place where a batch meets ``Explainer``.
struct BatchExplainer: Sendable {
  let explainer: Explainer
  let options: BatchOptions
  private let targets: [TargetSpecification]

  private var model: Model { explainer.model }

  /// - Throws: `TargetError` where the model has no such class; what ``Explainer/check(_:)`` throws.
  init(_ explainer: Explainer, _ options: BatchOptions) throws {
    self.explainer = explainer
    self.options = options
    try explainer.check(options.methods)
    targets = try options.targets.map { try TargetSpecification(parsing: $0, for: explainer.model) }
  }

  /// Decodes a picture and prepares it for the model. What is needed to draw on is kept; the rest of it is not.
  func load(_ listed: ListedPicture, _ bytes: PictureBytes) throws -> LoadedPicture {
    let targets = try listed.target.map { [try TargetSpecification(parsing: $0, for: model)] } ?? self.targets
    let image = try bytes.decoded()
    let preprocessing = options.preprocessing(of: image)
    let isDrawn = options.outputs.contains(.picture)
    let frame = PictureFrame(of: image.size, preprocessing)
    return LoadedPicture(
      listed: listed, input: try preprocessing(image), targets: targets, frame: frame,
      canvas: !isDrawn ? nil : options.drawsWhole ? image : preprocessing.networkView(of: image),
      visible: options.drawsWhole ? frame.visible : nil,
      window: options.drawsWhole ? preprocessing.window : nil)
  }

  /// Explains pictures that were loaded, one after another in the result. Those with as many targets share a run; where a
  /// run fails, each picture has one of its own, so that one does not spoil the others.
  func explain(_ pictures: [LoadedPicture]) -> [Result<ExplainedPicture, any Error>] {
    var results = [Int: Result<ExplainedPicture, any Error>]()
    for (_, group) in Dictionary(grouping: pictures.indices, by: { pictures[$0].targetCount }) {
      let explained = Result { try explainTogether(group.map { pictures[$0] }) }
      switch explained {
      case .success(let explained): for (index, picture) in zip(group, explained) { results[index] = .success(picture) }
      case .failure(let error) where group.count == 1: results[group[0]] = .failure(error)
      case .failure:
        for index in group { results[index] = Result { try explainTogether([pictures[index]])[0] } }
      }
    }
    return pictures.indices.compactMap { results[$0] }
  }

  private func explainTogether(_ pictures: [LoadedPicture]) throws -> [ExplainedPicture] {
    let explain = options.augmentsPictures ? explainer.explainAugmented : explainer.explain
    let batch = try explain(Self.stacked(pictures.map(\.input)), options.methods, nil) { index, logits in
      try pictures[index].targets.flatMap {
        try $0.targets(logits: logits, outputs: model.outputs, in: pictures[index].frame)
      }
    }
    return pictures.indices.map { index in
      let logits = batch.logits[index].scalars
      return ExplainedPicture(
        picture: pictures[index], explanations: batch.explanations[index],
        predictions: Prediction.best(5, of: logits, labels: model.labels, outputs: model.outputs),
        probabilities: Prediction.probabilities(of: logits, outputs: model.outputs), model: model)
    }
  }

  /// Inputs of one sample each as one batch.
  private static func stacked(_ inputs: [Tensor]) -> Tensor {
    guard inputs.count > 1 else { return inputs[0] }
    let size = inputs[0].count
    return Tensor(unfilled: inputs[0].shape.perSample.batched(inputs.count)) { result in
      for (index, input) in inputs.enumerated() {
        input.withScalars { (result.base + index * size).update(from: $0.base, count: size) }
      }
    }
  }
}
