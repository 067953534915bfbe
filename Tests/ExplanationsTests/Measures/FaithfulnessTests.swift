import Architectures
import Checkpoints
import Explanations
import Images
import TestSupport
import Tensors
import Testing

/// Deletion, insertion, ROAD and the drop in confidence, against what the reference gives for the same maps on the shipped
/// scenes (Tests/Fixtures/Measures).
@Suite("Measures of faithfulness agree with the reference")
struct FaithfulnessTests {
  /// A map of a scene, the model that is asked, and what the reference says.
  struct Case: CustomTestStringConvertible, Sendable {
    let model: String
    let scene: String
    let classIndex: Int
    let map: Int

    var testDescription: String { "\(model) on \(scene)" }

    func expected(_ measure: String) throws -> [Float] {
      try Self.fixture().tensor("\(model)/\(scene)/\(measure)").scalars
    }

    func heatmap() throws -> Tensor { try Self.heatmap(map) }

    static func fixture() throws -> SafetensorsFile {
      try SafetensorsFile(contentsOf: Fixtures.path("Measures/measures.safetensors"))
    }

    /// Maps are stored as levels from 0 to 255.
    static func heatmap(_ map: Int) throws -> Tensor {
      let levels = try fixture().tensor("map/\(map)")
      return Tensor(levels.scalars.map { $0 / 255 }, shape: levels.shape)
    }

    func input() throws -> Tensor {
      try Self.input(scene, DemonstrationModel.load("demo_\(model)"))
    }

    static func input(_ scene: String, _ model: Model) throws -> Tensor {
      try model.preprocessing(Image(contentsOf: Fixtures.path("../../Weights/Scenes/\(scene).png")))
    }

    func scorer() throws -> Scorer {
      let model = try DemonstrationModel.load("demo_\(model)")
      return Scorer(model, score: ScoreTarget.logit(classIndex).confidence(outputs: model.outputs), batchSize: 7)
    }
  }

  static let cases = ["resnet", "vit"].flatMap { model in
    [("scene-03", 9), ("scene-12", 8), ("scene-20", 5)].enumerated().map { index, scene in
      Case(model: model, scene: scene.0, classIndex: scene.1, map: index)
    }
  }

  @Test("Deletion: the whole curve, and its area by the trapezoid rule", arguments: cases)
  func deletion(_ one: Case) throws {
    let curve = try Deletion(steps: 24)(one.heatmap(), input: one.input(), one.scorer())
    let expected = try one.expected("deletion")
    expectClose(curve.scores, expected, tolerance: .absolute(1e-4))
    let trapezoid = zip(expected, expected.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / 24
    expectClose([curve.area], [trapezoid], tolerance: .absolute(1e-4))
  }

  @Test("Insertion: the whole curve", arguments: cases)
  func insertion(_ one: Case) throws {
    let curve = try Insertion(steps: 24)(one.heatmap(), input: one.input(), one.scorer())
    expectClose(curve.scores, try one.expected("insertion"), tolerance: .absolute(1e-4))
  }

  @Test("ROAD: the changes at each percentile", arguments: cases)
  func road(_ one: Case) throws {
    let road = ROAD(percentiles: [10, 50, 90], imputation: LinearImputation(noise: 0))
    let result = try road(one.heatmap(), input: one.input(), one.scorer())
    expectClose(result.mostRelevantChanges, try one.expected("morf"), tolerance: .absolute(1e-4))
    expectClose(result.leastRelevantChanges, try one.expected("lerf"), tolerance: .absolute(1e-4))
    let means = [result.leastRelevantChanges, result.mostRelevantChanges].map { $0.reduce(0, +) / 3 }
    #expect(abs(result.combined - (means[0] - means[1]) / 2) < 1e-6)
  }

  @Test("The confidence in the picture times the map", arguments: cases)
  func confidence(_ one: Case) throws {
    let change = try ConfidenceChange(one.heatmap(), input: one.input(), one.scorer())
    expectClose([max(0, change.whole - change.masked)], try one.expected("drop"), tolerance: .absolute(1e-5))
    #expect([change.isIncrease ? 1 : 0] == (try one.expected("increase")))
  }

  @Test("The pictures between: blurred with RISE's kernel, and made up by linear imputation")
  func pictures() throws {
    let input = try Self.cases[0].input()
    let blurred = GaussianBlur.rise(input)
    expectClose(
      sampled(blurred, every: 8), try Case.fixture().tensor("blurred").scalars, tolerance: .absolute(1e-5))
    // All pixels above the 60th percentile, as ROAD takes them away, seen through a scorer that keeps what it is given.
    let road = ROAD(percentiles: [60], imputation: LinearImputation(noise: 0))
    let imputed = try road.pictures(Case.heatmap(0), input: input)[0]
    expectClose(
      sampled(imputed, every: 6), try Case.fixture().tensor("imputed").scalars, tolerance: .absolute(2e-5))
  }

  private func sampled(_ picture: Tensor, every step: Int) -> [Float] {
    let (height, width) = (picture.shape[-2], picture.shape[-1])
    let planes = picture.reshaped(to: [3, height, width])
    return (0..<3).flatMap { channel in
      stride(from: 0, to: height, by: step).flatMap { row in
        stride(from: 0, to: width, by: step).map { planes[at: channel, row, $0] }
      }
    }
  }

  @Test("ROAD's noise follows from its seed, and moves a score little")
  func noise() throws {
    let one = Self.cases[3]
    func combined(_ imputation: LinearImputation) throws -> Float {
      try ROAD(percentiles: [50], imputation: imputation)(one.heatmap(), input: one.input(), one.scorer()).combined
    }
    let noisy = try combined(LinearImputation())
    #expect(try combined(LinearImputation()) == noisy)
    #expect(try combined(LinearImputation(seed: 1)) != noisy)
    #expect(abs(try combined(LinearImputation(noise: 0)) - noisy) < 0.02)
  }

  @Test("The results do not depend on the batch size")
  func batches() throws {
    let one = Self.cases[4]
    let model = try one.scorer().model
    let areas = try [1, 5, 64].map { size in
      let scorer = Scorer(model, score: .probability(one.classIndex), batchSize: size)
      return try Deletion(steps: 12)(one.heatmap(), input: one.input(), scorer).area
    }
    expectClose(areas, [areas[0], areas[0], areas[0]], tolerance: .absolute(1e-6))
  }

  @Test("A map that is the same everywhere neither crashes nor makes numbers that are none")
  func constant() throws {
    let one = Self.cases[0]
    let (input, scorer) = (try one.input(), try one.scorer())
    for value: Float in [0, 1] {
      let flat = Tensor(repeating: value, shape: [96, 96])
      let road = try ROAD(percentiles: [50])(flat, input: input, scorer)
      #expect(road.combined.isFinite)
      #expect(try Deletion(steps: 3)(flat, input: input, scorer).area.isFinite)
      let adcc = try ADCC(flat, input: input, scorer) { _ in flat }
      #expect(adcc.complexity == value && adcc.coherency == 0.5 && adcc.value.isFinite)
    }
  }
}
