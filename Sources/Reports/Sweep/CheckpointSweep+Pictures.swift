import Architectures
import Explanations
import Images
import LayerGraph
import Tensors

extension CheckpointSweep {
  /// Explains the chosen pictures, or those that a checkpoint gets most wrong: why the class that it found, and why the right
  /// one where that is another.
  func explain(by best: CheckpointScore, in results: inout SweepResults, _ writer: inout MapWriter) throws {
    let model = try load(best.checkpoint)
    let classes = try labelled.classes(of: model)
    results.classes = (0..<model.classCount).map { ScoreTarget.logit($0).title(labels: model.labels) }
    let places = chosenPlaces(best)
    guard !places.isEmpty else { return }
    let explainer = try Explainer(
      model, layers: options.layers.map { LayerPath($0) }, reshape: ReshapeTransform(parsing: options.reshape))
    let methods = try explainer.methods(named: options.methods).fitting
    for place in places {
      let (path, label) = labelled.pictures[place]
      guard let right = classes[label], let (loss, found) = best.answers[place] else { continue }
      let image = try Image(contentsOf: path)
      let mapped = MappedPicture(
        path: path, number: results.explained.count + 1, image: image,
        preprocessing: try options.prepare(model.preprocessing, image))
      let targets = (found == right ? [right] : [found, right]).map { ScoreTarget.logit($0) }
      let batch = try explainer.explain(mapped.preprocessing(image), methods: methods) { _, _ in targets }
      let probabilities = Prediction.probabilities(of: batch.logits[0].scalars, outputs: model.outputs)
      let maps = try batch.explanations[0].map {
        try writer.map($0, of: mapped, probabilities: probabilities, by: model, called: model.name)
      }
      results.explained.append(
        SweptPicture(
          picture: path, label: label, right: right, found: found, loss: loss, maps: maps, size: image.size,
          view: image.view(through: mapped.preprocessing.window)))
    }
  }

  /// The places of the pictures to explain in the list, the highest loss first.
  private func chosenPlaces(_ best: CheckpointScore) -> [Int] {
    let known = labelled.pictures.indices.filter { best.answers[$0] != nil }
    let order = known.sorted { (best.answers[$1]?.loss ?? 0, $0) < (best.answers[$0]?.loss ?? 0, $1) }
    guard !options.chosen.isEmpty else { return Array(order.prefix(options.worst)) }
    return order.filter { place in options.chosen.contains { labelled.pictures[place].path.isCalled($0) } }
  }
}
