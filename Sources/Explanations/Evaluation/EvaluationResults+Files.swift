import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension EvaluationResults {
  /// Every map's measures as comma-separated values. The lines before the header begin with a `#`: the variant of each
  /// measure.
  public static func csv(_ results: [EvaluationResults]) -> String {
    var measures = [MeasureDescription]()
    for measure in results.flatMap(\.measures) where !measures.contains(where: { $0.name == measure.name }) {
      measures.append(measure)
    }
    var lines = measures.map { "# \($0.name): \($0.variant); \($0.better.rawValue) is better" }
    lines.append((["model", "picture", "target", "method", "layer"] + measures.map(\.name)).joined(separator: ","))
    for result in results {
      for record in result.records {
        let key = record.key
        let words = [result.model, key.picture, key.target, key.method, key.layer].map(field)
        let numbers = measures.map { measure in record.values[measure.name].map { "\($0)" } ?? "" }
        lines.append((words + numbers).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text as a field, in quotes where it has to be (RFC 4180).
  private static func field(_ text: String) -> String {
    let isPlain = !text.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) } && !text.hasPrefix("#")
    return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
  }

  /// Everything as JSON: for each model its measures with their variants, the means, and all maps.
  public static func json(_ results: [EvaluationResults]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(results.map(Report.init)), as: UTF8.self)
  }

  private struct Report: Encodable {
    struct Measure: Encodable {
      let name, variant, better: String
    }

    struct Summary: Encodable {
      let method, layer: String
      let count: Int
      let isBaseline: Bool
      let values: [String: Float]

      private enum CodingKeys: String, CodingKey {
        case method, layer, count, values
        case isBaseline = "is_baseline"
      }
    }

    struct Map: Encodable {
      let picture, target, method, layer: String
      let values: [String: Float]
    }

    let model: String
    let measures: [Measure]
    let summaries: [Summary]
    let maps: [Map]

    init(_ results: EvaluationResults) {
      model = results.model
      measures = results.measures.map { Measure(name: $0.name, variant: $0.variant, better: $0.better.rawValue) }
      summaries = results.summaries.map {
        Summary(method: $0.method, layer: $0.layer, count: $0.count, isBaseline: $0.isBaseline, values: $0.values)
      }
      maps = results.records.map {
        Map(
          picture: $0.key.picture, target: $0.key.target, method: $0.key.method, layer: $0.key.layer, values: $0.values)
      }
    }
  }
}
