import Images

/// What pictures go through for a set of weights that timm or torchvision has published: a row of ``PretrainedTags``.
struct PretrainedPreprocessing {
  enum Library: String {
    case timm, torchvision
  }

  /// Which weights of the model: `tv_in1k`, `IMAGENET1K_V2`.
  let tag: String
  let preprocessing: Preprocessing

  /// Whose weights they are.
  var library: Library { tag.first?.isUppercase == true ? .torchvision : .timm }

  /// The rows of a model, each library's default first.
  static func all(of model: String) -> [PretrainedPreprocessing] {
    PretrainedTags.table.split(separator: "\n").lazy.filter { $0.hasPrefix(model + " ") }.compactMap { Self(row: $0) }
  }

  /// `resnet50 tv_in1k 224 0.875 bilinear imagenet`.
  init?(row: Substring) {
    let values = row.split(separator: " ")
    guard values.count == 6, let side = Int(values[2]), let filter = Interpolation(rawValue: String(values[4])),
      let colors = Self.colors[values[5]]
    else { return nil }
    let fit: Preprocessing.Fit
    if values[3] == "squash" {
      fit = .squash
    } else if let share = Double(values[3]), Preprocessing.cropFractions.contains(share) {
      fit = .crop(fraction: share)
    } else {
      return nil
    }
    tag = String(values[1])
    preprocessing = Preprocessing(
      size: ImageSize(square: side), fit: fit, interpolation: filter, mean: colors.mean,
      standardDeviation: colors.deviation)
  }

  private static let colors: [Substring: (mean: [Float], deviation: [Float])] = [
    "imagenet": (Preprocessing.imageNetMean, Preprocessing.imageNetStandardDeviation),
    "half": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    "clip": ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
    "none": ([0, 0, 0], [1, 1, 1]),
    "caffe": ([0.48235, 0.45882, 0.40784], [1 / 255, 1 / 255, 1 / 255]),
  ]
}

extension ModelDescription {
  /// This model with what pictures go through for published weights of it.
  ///
  /// - Parameter choice: `timm` or `torchvision` for what their default weights want, or one of their tags: `tv_in1k`,
  ///   `IMAGENET1K_V2`.
  /// - Throws: ``UnknownTag`` with the nearest ones.
  func preprocessed(as choice: String) throws(UnknownTag) -> ModelDescription {
    let known = PretrainedPreprocessing.all(of: name)
    let wanted = choice.lowercased()
    guard let found = known.first(where: { $0.library.rawValue == wanted || $0.tag.lowercased() == wanted }) else {
      throw UnknownTag(tag: choice, model: name, known: known.map(\.tag))
    }
    var result = self
    result.preprocessing = found.preprocessing
    result.preprocessingSource = "\(found.library.rawValue)'s \(name) \(found.tag)"
    return result
  }

  /// This model with what its first published weights of the same input size want, where there are any.
  var withDefaultPreprocessing: ModelDescription {
    let first = PretrainedPreprocessing.all(of: name).first { $0.preprocessing.size == preprocessing.size }
    guard let first else { return self }
    var result = self
    result.preprocessing = first.preprocessing
    return result
  }

  /// What is to be said where pictures go through timm's preprocessing, and nothing shows whether the weights are
  /// torchvision's, whose model of this name has the same keys; nil where something does.
  var preprocessingAssumption: String? {
    if configuration != nil { return preprocessingNote }
    guard preprocessingSource == nil, !architecture.dialects.contains(where: { $0.name == "torchvision" }) else {
      return nil
    }
    let known = PretrainedPreprocessing.all(of: name)
    guard known.contains(where: { $0.library == .timm }),
      let other = known.first(where: { $0.library == .torchvision }),
      other.preprocessing != preprocessing
    else { return nil }
    return "timm's preprocessing of \(name) is taken (\(preprocessing.fitInWords)); --preprocessing torchvision takes "
      + "torchvision's (\(other.preprocessing.fitInWords))"
  }
}

extension Preprocessing {
  /// `crop 0.875, bilinear`.
  fileprivate var fitInWords: String {
    switch fit {
    case .crop(let fraction): "crop \((fraction * 1000).rounded() / 1000), \(interpolation.rawValue)"
    case .squash: "squash, \(interpolation.rawValue)"
    }
  }

  /// `224×224, squash, bilinear, mean 0.5,0.5,0.5, std 0.5,0.5,0.5`.
  var inWords: String {
    func list(_ values: [Float]) -> String {
      values.map { "\(($0 * 10000).rounded() / 10000)" }.joined(separator: ",")
    }
    return "\(size), \(fitInWords), mean \(list(mean)), std \(list(standardDeviation))"
  }
}
