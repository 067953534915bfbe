import VitCAM

/// What `--json` prints for a picture.
struct PictureReport: Encodable {
  struct Class: Encodable {
    let index: Int
    let label: String?
    let logit: Float
    let probability: Float?
  }

  struct Target: Encodable {
    let index: Int?
    let label: String?
    let score: Float
    let probability: Float?
  }

  struct Map: Encodable {
    let method: String
    let layer: String
    let grid: [Int]
    let reshape: String
    let target: Target
    let diagnostics: [String]
    let files: [String]
    /// The concepts that the method found; left out where it finds none.
    let concepts: [Part]?
  }

  struct Part: Encodable {
    let share: Float
    let predictions: [Class]
  }

  struct Milliseconds: Encodable {
    let load, decode, forward, backward, map, write: Double
  }

  let picture: String
  let architecture: String
  let weights: String
  let imageSize: [Int]
  let predictions: [Class]
  let explanations: [Map]
  let milliseconds: Milliseconds

  enum CodingKeys: String, CodingKey {
    case picture, architecture, weights
    case imageSize = "image_size"
    case predictions, explanations, milliseconds
  }
}

// Written by hand, because what the compiler derives leaves out a key whose value is nil; programs want `null`.

extension PictureReport.Class {
  private enum CodingKeys: CodingKey {
    case index, label, logit, probability
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encode(logit, forKey: .logit)
    try container.encode(probability, forKey: .probability)
  }
}

extension PictureReport.Target {
  private enum CodingKeys: CodingKey {
    case index, label, score, probability
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encode(score, forKey: .score)
    try container.encode(probability, forKey: .probability)
  }
}

extension PictureReport.Class {
  init(_ prediction: Prediction) {
    self.init(
      index: prediction.index, label: prediction.label, logit: prediction.logit, probability: prediction.probability)
  }
}

extension PictureReport.Map {
  init(_ explanation: Explanation, probabilities: [Float]?, model: Model, files: [String]) {
    let index = explanation.classIndex
    self.init(
      method: explanation.method, layer: explanation.layers.joined(separator: ","),
      grid: explanation.rawMaps[0].shape.extents, reshape: explanation.reshape,
      target: .init(
        index: index, label: index.flatMap { model.labels?[$0] }, score: explanation.score,
        probability: index.flatMap { probabilities?[$0] }),
      diagnostics: explanation.diagnostics.map { "\($0.name): \($0)" }, files: files,
      concepts: explanation.concepts?.map { concept in
        let classes = Prediction.best(5, of: concept.outputs, labels: model.labels, outputs: model.outputs)
        return .init(share: concept.share, predictions: classes.map { .init($0) })
      })
  }
}

extension PictureReport.Milliseconds {
  init(loading: Duration, decoding: Duration, _ timings: Timings, writing: Duration) {
    self.init(
      load: loading.milliseconds, decode: decoding.milliseconds, forward: timings.forward.milliseconds,
      backward: timings.backward.milliseconds, map: timings.map.milliseconds, write: writing.milliseconds)
  }
}
