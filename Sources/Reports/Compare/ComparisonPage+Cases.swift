import Images
import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ComparisonPage {
  /// What is shown of a map.
  struct Shown {
    let data: String
    let file: String
    /// Where the map lies on its picture, in percent of the picture.
    let left, top, width, height: String
    let title: String
    let score: String
    let layer: String
    let grid: String
    let reshape: String
    let measures: [Number]
    let milliseconds: String?
    let diagnostics: [String]
  }

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
      let cells: [Cell]
    }

    /// A number, and how much of the accent its cell has, in percent.
    struct Cell {
      let text: String
      let share: Int
    }
  }
}

extension ComparisonPage.Picture {
  init(_ picture: ComparedPicture, number: Int) throws {
    self.number = number
    path = picture.picture
    name = picture.picture.split(separator: "/").last.map(String.init) ?? picture.picture
    (width, height) = (picture.size[1], picture.size[0])
    data = "data:image/jpeg;base64," + Data(try picture.view.encoded(as: .jpeg)).base64EncodedString()
  }
}

extension ComparisonPage.Mean {
  static func rows(_ comparison: Comparison) -> [ComparisonPage.Mean] {
    comparison.means.map { mean in
      ComparisonPage.Mean(
        model: mean.model, method: mean.method,
        values: comparison.measures.map { measure in
          let all = comparison.means.compactMap { $0.measures[measure.name] }
          let best = measure.better == "higher" ? all.max() : all.min()
          return ComparisonPage.Number(
            measure.name, mean.measures[measure.name], isBest: all.count > 1 && mean.measures[measure.name] == best)
        })
    }
  }
}

extension ComparisonPage.Number {
  init(_ name: String, _ value: Float?, isBest: Bool = false) {
    self.name = name
    text = value?.fixed(name == "ms" ? 1 : 2) ?? "–"
    exact = value.map { "\($0)" } ?? ""
    self.isBest = isBest && value != nil
  }
}

extension ComparisonPage.Case {
  init(_ entry: ComparedCase, number: Int, _ picture: ComparisonPage.Picture, _ comparison: Comparison) throws {
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
            shown: try map.map { try ComparisonPage.Shown($0, comparison.measures) })
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

extension ComparisonPage.Shown {
  init(_ map: ComparedMap, _ measures: [MeasureNote]) throws {
    let (plane, explanation) = (map.plane, map.explanation)
    data = "data:image/png;base64," + Data(try plane.picture.encoded(as: .png)).base64EncodedString()
    file = explanation.files.first ?? ""
    func percent(_ part: Int, of whole: Int) -> String { (Float(part) / Float(whole) * 100).fixed(3) }
    left = percent(plane.columns.lowerBound, of: plane.size.width)
    top = percent(plane.rows.lowerBound, of: plane.size.height)
    width = percent(plane.columns.count, of: plane.size.width)
    height = percent(plane.rows.count, of: plane.size.height)
    title = map.title
    score = (explanation.target.probability ?? explanation.target.score).brief
    layer = explanation.layer
    grid = explanation.grid.map(String.init).joined(separator: "×")
    reshape = explanation.reshape
    self.measures = measures.compactMap { measure in
      map.measures[measure.name].map { ComparisonPage.Number(measure.name, $0) }
    }
    milliseconds = map.milliseconds.map { Float($0).fixed(1) }
    diagnostics = explanation.diagnostics
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
              return ComparisonPage.Matrix.Cell(model == other ? nil : pair?[keyPath: value])
            })
        })
    }
  }
}

extension ComparisonPage.Matrix.Cell {
  init(_ value: Float?) {
    text = value?.fixed(2) ?? "·"
    share = Int(max(0, min(1, value ?? 0)) * 70)
  }
}

extension Float {
  /// As text with so many decimal places.
  func fixed(_ places: Int) -> String {
    guard isFinite else { return "\(self)" }
    let unit = (0..<places).reduce(1) { unit, _ in unit * 10 }
    let scaled = (abs(Double(self)) * Double(unit)).rounded()
    guard scaled < 1e15 else { return "\(self)" }
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: unit)
    let digits = String(rest)
    let fraction = places > 0 ? "." + String(repeating: "0", count: places - digits.count) + digits : ""
    return (self < 0 && scaled > 0 ? "−" : "") + "\(whole)\(fraction)"
  }
}
