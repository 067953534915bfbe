import Foundation
import Tensors
import Testing

@testable import Explanations

@Suite struct EvaluationResultsTests {
  private func record(
    _ picture: String, _ method: String, pointing: Float, energy: Float? = nil, target: String = "cat"
  ) -> EvaluationRecord {
    let map = Tensor(repeating: 0, shape: [1, 1])
    var record = EvaluationRecord(
      Explanation(
        method: method, layers: ["norm"], reshape: "auto", target: "logit 0", title: target, classIndex: 0, score: 1,
        rawMaps: [map], heatmap: map, isSigned: false, diagnostics: [], concepts: nil, completeness: nil),
      picture: picture)
    record.add(PointingGame.inside, pointing)
    if let energy { record.add(MaskEnergy.description, energy) }
    return record
  }

  private func results(_ records: [EvaluationRecord]) throws -> EvaluationResults {
    let model = try DemonstrationModel.load("demo_resnet")
    var results = EvaluationResults(try Evaluation(model, methods: ["gradcam"], groups: [.localization]))
    results.add(records)
    return results
  }

  @Test("Means are over the maps that have the measure; the best comes first; equal ones are told apart by energy")
  func means() throws {
    let results = try results([
      record("a", "gradcam", pointing: 1, energy: 0.2), record("b", "gradcam", pointing: 0, energy: 0.4),
      record("a", "layercam", pointing: 0, energy: 0.5), record("b", "layercam", pointing: 1),
      record("a", "randomcam", pointing: 0), record("b", "randomcam", pointing: 0),
    ])
    #expect(results.summaries.map(\.method) == ["layercam", "gradcam", "randomcam"])
    #expect(results.summaries.map(\.count) == [2, 2, 2])
    #expect(results.summaries.map { $0.values["pointing"] } == [0.5, 0.5, 0])
    #expect(results.summaries.map { $0.values["energy"] } == [0.5, 0.3, nil])
    #expect(results.failures.isEmpty)
  }

  @Test("A method that is no better than a baseline is a failure")
  func failures() throws {
    let results = try results([
      record("a", "gradcam", pointing: 0), record("a", "layercam", pointing: 1), record("a", "gaussian", pointing: 0),
    ])
    #expect(results.failures.map(\.method) == ["gradcam"])
  }

  @Test("A map that is known takes over new measures and is not counted twice")
  func merging() throws {
    var results = try results([record("a", "gradcam", pointing: 0)])
    results.add([record("a", "gradcam", pointing: 1, energy: 0.25), record("a", "gradcam", pointing: 1, target: "dog")])
    #expect(results.records.count == 2)
    #expect(results.records[0].values == ["pointing": 1, "energy": 0.25])
  }

  @Test("Commas, quotes and line breaks in names stay inside their field")
  func quoting() throws {
    let text = EvaluationResults.csv([
      try results([record("a,b \"c\"\n.png", "gradcam", pointing: 1), record("#1.png", "gradcam", pointing: 0)])
    ])
    #expect(text.contains("\ndemo_resnet,\"a,b \"\"c\"\"\n.png\",cat,gradcam,norm,1.0,"))
    #expect(text.contains("\ndemo_resnet,#1.png,cat,") || text.contains("\ndemo_resnet,\"#1.png\",cat,"))
    #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
  }

  @Test("JSON holds measures, means and maps; what is no number is a text")
  func json() throws {
    let text = try EvaluationResults.json([
      try results([record("a", "gradcam", pointing: 1, energy: .nan), record("a", "gaussian", pointing: 0)])
    ])
    let models = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(models.count == 1 && models[0]["model"] as? String == "demo_resnet")
    let measures = try #require(models[0]["measures"] as? [[String: String]])
    #expect(measures.first?["name"] == "pointing" && measures.first?["better"] == "higher")
    let summaries = try #require(models[0]["summaries"] as? [[String: Any]])
    #expect(summaries.map { $0["is_baseline"] as? Bool } == [false, true])
    let maps = try #require(models[0]["maps"] as? [[String: Any]])
    let values = try #require(maps.first?["values"] as? [String: Any])
    #expect(values["pointing"] as? Double == 1 && values["energy"] as? String == "nan")
  }
}
