import Architectures
import Checkpoints
import Explanations
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@Suite struct EvaluationTests {
  private static let folder = Fixtures.path("../../Weights/Scenes")

  private func picture(_ name: String, _ model: Model, targets: [TargetSpecification] = []) throws -> EvaluationCase {
    let path = "\(Self.folder)/\(name).png"
    let image = try Image(contentsOf: path)
    let truth = try GroundTruth(contentsOf: "\(Self.folder)/scenes.json")
    return try EvaluationCase(
      name, image: image, preprocessing: model.preprocessing, model: model,
      objects: truth.objects(in: path, size: image.size), targets: targets)
  }

  @Test("Every method and baseline is measured for every marked class, by all measures that were asked for")
  func records() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let evaluation = try Evaluation(
      model, layers: ["layer3[-1]", "layer4[-1]"], methods: ["layercam"],
      groups: [.curves, .confidence, .localization, .cost],
      steps: 4)
    var results = EvaluationResults(evaluation)
    results.add(try evaluation.records(of: picture("scene-12", model)))
    // Two classes; LayerCAM and randomcam at both layers, the Gaussian once.
    #expect(results.records.count == 2 * evaluation.mapsPerTarget)
    #expect(evaluation.mapsPerTarget == 5)
    #expect(Set(results.records.map(\.key.target)) == ["hexagon", "triangle"])
    #expect(results.summaries.map(\.count) == [2, 2, 2, 2, 2])
    let names = Set(results.measures.map(\.name))
    for record in results.records { #expect(Set(record.values.keys) == names) }
    let layer = results.records.filter { $0.key.method == "layercam" }
    #expect(layer.map(\.values["forward"]) == [1, 1, 1, 1] && layer.map(\.values["backward"]) == [1, 1, 1, 1])
    let gaussian = try #require(results.records.first { $0.key.method == "gaussian" })
    #expect(gaussian.values["backward"] == 0 && gaussian.values["complexity"] ?? 0 > 0.2)
    #expect(results.table.contains("4 steps"))
  }

  @Test("A method that finds the objects beats a spot in the middle; the baselines are no failures")
  func ranking() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let evaluation = try Evaluation(model, methods: ["layercam"], groups: [.localization])
    var results = EvaluationResults(evaluation)
    for name in ["scene-02", "scene-03", "scene-12", "scene-13"] {
      results.add(try evaluation.records(of: picture(name, model)))
    }
    #expect(results.summaries.first?.method == "layercam")
    #expect(results.failures.isEmpty && results.headlineName == "pointing")
    #expect(results.summaries.filter(\.isBaseline).count == 2)
  }

  @Test("A target that is given is measured against the objects of its class; without labels against all")
  func objects() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let hexagon = try picture("scene-12", model, targets: [.logit(8)])
    let region = try #require(hexagon.object(for: .logit(8))).region
    #expect(hexagon.object(for: .logit(2))?.region != region)
    #expect(hexagon.object(for: .logit(0)) == nil)
    let image = try Image(contentsOf: "\(Self.folder)/scene-12.png")
    let masks = try ["hexagon", "triangle"].map {
      Region(mask: try Image(contentsOf: "\(Self.folder)/scene-12-\($0).png"))
    }
    let unlabelled = try EvaluationCase(
      "a", image: image, preprocessing: model.preprocessing, model: model,
      objects: masks.compactMap { AnnotatedObject(label: nil, region: $0) })
    #expect(unlabelled.object(for: .logit(0))?.region == masks[0].union(masks[1]))
    let error = #expect(throws: TargetError.self) {
      try EvaluationCase(
        "a.png", image: image, preprocessing: model.preprocessing, model: model,
        objects: [try #require(AnnotatedObject(label: "elephant", region: masks[0]))])
    }
    #expect(error?.description.contains("a.png: no class of the model is called 'elephant'") == true)
  }

  @Test("Files name the variant of every measure and hold every map")
  func files() throws {
    let model = try DemonstrationModel.load("demo_resnet")
    let evaluation = try Evaluation(model, methods: ["gradcam"], groups: [.curves], steps: 2)
    var results = EvaluationResults(evaluation)
    results.add(try evaluation.records(of: picture("scene-00", model, targets: [.logit(6), .logit(1)])))
    let lines = EvaluationResults.csv([results]).split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("# insertion: ") && lines[1].hasPrefix("# deletion: "))
    #expect(lines[2] == "model,picture,target,method,layer,insertion,deletion")
    #expect(lines.count == 3 + 2 * 3)
    #expect(lines[3].hasPrefix("demo_resnet,scene-00,crescent,gradcam,"))
    let json = try EvaluationResults.json([results])
    #expect(json.contains("RISE: kernel 11, sigma 5") && json.contains("\"is_baseline\" : true"))
  }

  @Test("Random parameters: all modules top first, the last ones change the map, the same seed the same")
  func sanity() throws {
    let model = try DemonstrationModel.load("demo_vit")
    let checkpoint = try StateDictionary(contentsOf: Fixtures.path("../../Weights/demo_vit.safetensors"))
    let random = try RandomizedModel(model, checkpoint: checkpoint)
    #expect(random.modules.prefix(4) == ["head", "norm", "blocks.5", "blocks.4"])
    #expect(random.modules.last == "patch_embed.proj")
    let input = DemonstrationModel.pictures(1)
    let logits = try [0, 1, 1, 3].map { try random.model(randomizing: $0).outputs(for: input).scalars }
    #expect(logits[0] == (try model.outputs(for: input).scalars))
    #expect(logits[1] != logits[0] && logits[1] == logits[2] && logits[3] != logits[1])
    let evaluation = try Evaluation(model, methods: ["layercam", "eigencam"], groups: [.sanity])
    let cascade = try ParameterRandomization(model, checkpoint: checkpoint, steps: 2)
    #expect(cascade.counts == [1, random.modules.count])
    let records = try evaluation.sanity(of: [picture("scene-03", model)], cascade)
    let found = Dictionary(uniqueKeysWithValues: records.map { ($0.key.method, $0.values["sanity-spearman"] ?? 9) })
    // A spot in the middle notices nothing.
    #expect(found["gaussian"] == 1)
    #expect(found["layercam"] ?? 9 < 0.7)
  }
}
