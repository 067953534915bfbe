extension ComparisonPage {
  /// How far models agree by one method, as three matrices.
  struct MethodAgreement {
    let method: String
    let matrices: [Matrix]
    /// Whether there is anything to compare.
    let isShown: Bool
  }

  /// How far each two models agree.
  struct Matrix {
    let name: String
    let numbers: [Int]
    let rows: [Row]

    /// A model's row.
    struct Row {
      let number: Int
      let model: String
      let cells: [PageCell]
    }
  }
}

extension ComparisonPage.Case {
  init(_ entry: ComparedCase, number: Int, _ picture: PagePicture, _ comparison: Comparison) throws {
    self.number = number
    self.picture = picture
    target = entry.target
    title = entry.title
    let predictions = comparison.picture(of: entry)?.predictions ?? [:]
    models = try comparison.models.map { model in
      ComparisonPage.Model(
        name: model.name,
        about: "\(model.imageSize.map(String.init).joined(separator: "×")) · \(model.weights)",
        predictions: (predictions[model.name] ?? []).map { ComparisonPage.Prediction($0) },
        maps: try comparison.methods.map { method in
          let map = entry.maps.first { $0.model == model.name && $0.explanation.method == method }
          let reason = model.leftOut[method] ?? (model.leftOut.isEmpty ? "not explained" : "does not fit this model")
          return ComparisonPage.Map(
            method: method, reason: map == nil ? reason : nil,
            shown: try map.map { try PageMap($0, comparison.measures) })
        })
    }
    let names = comparison.models.map(\.name)
    agreement = comparison.methods.map { ComparisonPage.MethodAgreement($0, entry.agreement, of: names) }
      .filter(\.isShown)
  }
}

extension ComparisonPage.Prediction {
  init(_ prediction: PictureReport.Class) {
    title = prediction.label.map { String($0.prefix { $0 != "," }) } ?? "class \(prediction.index)"
    text = (prediction.probability ?? prediction.logit).fixed(prediction.probability == nil ? 2 : 3)
    percent = Int((max(0, min(1, prediction.probability ?? 0)) * 100).rounded())
  }
}

extension ComparisonPage.MethodAgreement {
  init(_ method: String, _ pairs: [ModelAgreement], of models: [String]) {
    self.method = method
    let pairs = pairs.filter { $0.method == method }
    isShown = !pairs.isEmpty
    let numbers: [(String, KeyPath<ModelAgreement, Float>)] = [
      ("Spearman", \.spearman), ("IoU of the top 20 %", \.overlap), ("SSIM", \.ssim),
    ]
    matrices = numbers.map { name, value in
      ComparisonPage.Matrix(
        name: name, numbers: Array(1...max(1, models.count)),
        rows: models.enumerated().map { place, model in
          ComparisonPage.Matrix.Row(
            number: place + 1, model: model,
            cells: models.map { other in
              let pair = pairs.first { $0.models == [model, other] || $0.models == [other, model] }
              return PageCell(model == other ? nil : pair?[keyPath: value])
            })
        })
    }
  }
}

extension PageCell {
  /// A number from 0 to 1; a dot where there is none.
  init(_ value: Float?) {
    text = value?.fixed(2) ?? "·"
    share = Int(max(0, min(1, value ?? 0)) * 70)
  }
}
