@testable import Architectures
import Foundation
import Images
import LayerGraph
import TestSupport
import Tensors
import Testing

@testable import Explanations

/// A network that gives classes × rows × columns: a convolution of four by four pixels, and the scores at every place.
private struct Segmentation: Architecture {
  var classes = 3

  func logits(_ m: GraphBuilder, _ picture: Value) -> Value {
    let features = m.convolution("encoder.0", picture, outputs: 6, kernel: Extent(4), stride: Extent(4))
    let active = m.relu("encoder.1", features)
    return m.convolution("classifier", active, outputs: classes, kernel: Extent(1))
  }

  func model(height: Int = 16, width: Int = 24) throws -> Model {
    var parameters = [String: Tensor]()
    parameters["encoder.0.weight"] = Tensor.random([6, 3, 4, 4], seed: 1)
    parameters["encoder.0.bias"] = Tensor.random([6], seed: 2)
    parameters["classifier.weight"] = Tensor.random([classes, 6, 1, 1], seed: 3)
    parameters["classifier.bias"] = Tensor.random([classes], seed: 4)
    return try Model(
      name: "segmentation", self, parameters: parameters,
      preprocessing: Preprocessing(size: ImageSize(height: height, width: width), fit: .squash))
  }
}

@Suite("Targets of places and boxes")
struct PlaceTargetTests {
  /// Two classes at 2×3 places: the first one wins at places 0, 1 and 5.
  private static let outputs: [Float] = [5, 4, 0, 0, 1, 3, /* the second class */ 1, 2, 3, 4, 5, 2]

  private static func map(classes: Int = 2) throws -> ScoreMap {
    let model = try Segmentation(classes: classes).model(height: 8, width: 12)
    guard case .scoreMap(let map) = model.outputs else { throw TargetError("no score map: \(model.outputs)") }
    return map
  }

  private func targets(
    _ text: String, outputs: [Float] = outputs,
    in frame: PictureFrame = PictureFrame(whole: ImageSize(height: 8, width: 12))
  ) throws -> [ScoreTarget] {
    let kind = OutputKind.scoreMap(try Self.map())
    let specification = try TargetSpecification(
      parsing: text, classCount: 2, labels: ["road", "car"], outputs: kind)
    return try specification.targets(logits: outputs, outputs: kind, in: frame)
  }

  @Test("A network that ends in a map scores places, and its classes are the channels")
  func kind() throws {
    let model = try Segmentation().model()
    guard case .scoreMap(let map) = model.outputs else {
      Issue.record("\(model.outputs)")
      return
    }
    #expect(map.classCount == 3 && model.classCount == 3 && model.outputCount == 72)
    #expect(map.grid == ImageSize(height: 4, width: 6))
    #expect(model.outputs.described == "scores of 3 classes at 4×6 places")
  }

  @Test("A class is summed over where it wins, everywhere, or at a pixel")
  func sums() throws {
    let (won, gradient) = try targets("road")[0](Self.outputs)
    #expect(won == 12 && gradient == [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    #expect(try targets("car@all")[0](Self.outputs).score == 17)
    // Pixel 9, 5 of 12×8 lies in column 2, row 1 of 3×2.
    #expect(try targets("car@9,5")[0](Self.outputs).gradient.firstIndex(of: 1) == 11)
    #expect(try targets("road@9,5")[0].title(labels: ["road", "car"]) == "road at 9,5")
    #expect(try targets("1")[0].title(labels: ["road", "car"]) == "car")
  }

  @Test("Pixels are those of the picture, of which the model may see a part")
  func frames() throws {
    let frame = PictureFrame(
      size: ImageSize(height: 20, width: 40), visible: Rectangle(left: 5, top: 0, width: 30, height: 20))
    #expect(frame.place(of: ImageSize(height: 2, width: 3), column: 5, row: 0) == 0)
    #expect(frame.place(of: ImageSize(height: 2, width: 3), column: 34, row: 19) == 5)
    #expect(frame.place(of: ImageSize(height: 2, width: 3), column: 35, row: 0) == nil)
    #expect(throws: TargetError.self) { try targets("road@4,4", in: frame) }
    var covered = [Bool](repeating: false, count: 800)
    // The middle of the second column of places, 15 to 25, and of the first row, is pixel 20, 5.
    covered[5 * 40 + 20] = true
    let region = Region(size: frame.size, covered: covered)
    #expect(frame.places(of: ImageSize(height: 2, width: 3), in: region) == [1])
  }

  @Test("A mask's white pixels say where; one of another size is refused")
  func masks() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "mask.png").path
    var bytes = [UInt8](repeating: 0, count: 96)
    for row in 0..<4 { for column in 4..<12 { bytes[row * 12 + column] = 255 } }
    try Image(size: ImageSize(height: 8, width: 12), channels: 1, samples: .bytes(bytes)).write(to: path)
    let target = try targets("road@\(path)")[0]
    #expect(try target(Self.outputs).gradient == [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(target.title(labels: ["road", "car"]) == "road in mask.png")
    let other = #expect(throws: TargetError.self) {
      try targets("road@\(path)", in: PictureFrame(whole: ImageSize(square: 9)))
    }
    #expect(other?.description == "mask.png: expected a mask of the picture's size, 9×9, found 8×12")
  }

  @Test("The best classes are those that win most of the picture")
  func predictions() throws {
    let best = Prediction.best(5, of: Self.outputs, outputs: .scoreMap(try Self.map()))
    #expect(best.map(\.index) == [0, 1] && best.map(\.area) == [0.5, 0.5] && best.map(\.logit) == [4, 4])
    var outputs = Self.outputs
    for place in 6..<12 { outputs[place] = 9 }
    #expect(try targets("top", outputs: outputs).map(\.classIndex) == [1])
    #expect(try targets("top2", outputs: outputs).count == 1)
    let nowhere = #expect(throws: TargetError.self) { try targets("road", outputs: outputs) }
    #expect(nowhere?.description.contains("wins nowhere") == true)
  }

  @Test("Of a single channel a place belongs to the class where its score is above 0")
  func oneChannel() throws {
    let map = try Self.map(classes: 1)
    #expect(map.winners(in: [1, -1, 0, 0.1, -3, 2]) == [0, nil, nil, 0, nil, 0])
    let best = Prediction.best(5, of: [1, -1, 0, 0.1, -3, 2], outputs: .scoreMap(map))
    #expect(best.map(\.area) == [0.5])
  }

  @Test(
    "What makes no sense for a segmentation is refused in one line",
    arguments: ["p:road", "road@box:1", "road@", "road@1", "road@nowhere", "sky", "road-car", "road@99,99"])
  func refused(text: String) {
    let error = #expect(throws: TargetError.self) { try targets(text) }
    #expect(error?.description.contains("\n") == false)
  }

  @Test("The gradient of a sum over all places is the class's weights, where features are positive")
  func gradients() throws {
    let model = try Segmentation().model()
    let input = Tensor.random([1, 3, 16, 24], seed: 7)
    let logits = try model.outputs(for: input)[0].scalars
    let frame = PictureFrame(whole: model.imageSize)
    let target = try TargetSpecification(parsing: "2@all", for: model)
      .targets(logits: logits, outputs: model.outputs, in: frame)[0]
    let found = try Explainer.evidence(of: model, input: input, targets: [target], layers: ["encoder.0"])[0]
    let weight = Tensor.random([3, 6, 1, 1], seed: 3)
    for channel in 0..<6 {
      let expected = weight.scalars[2 * 6 + channel]
      for place in 0..<24 {
        let index = channel * 24 + place
        let isActive = found.activation.scalars[index] > 0
        #expect(abs(found.gradient.scalars[index] - (isActive ? expected : 0)) < 1e-5)
      }
    }
  }

  @Test("Methods that change the picture sum the same places")
  func runs() throws {
    let model = try Segmentation().model()
    let input = Tensor.random([1, 3, 16, 24], seed: 7)
    let explainer = try Explainer(model, layers: ["encoder.1"])
    let batch = try explainer.explain(input, methods: [AblationCAM(), ScoreCAM(), GradCAM()]) { _, logits in
      try TargetSpecification.top.targets(
        logits: logits, outputs: model.outputs, in: PictureFrame(whole: model.imageSize))
    }
    let best = try #require(Prediction.best(1, of: batch.logits[0].scalars, outputs: model.outputs).first)
    let area = try #require(best.area)
    #expect(batch.explanations[0].count == 3)
    for explanation in batch.explanations[0] {
      #expect(abs(explanation.score - best.logit * area * 24) < 1e-3)
      #expect(explanation.classIndex == best.index && explanation.heatmap.shape == [16, 24])
    }
  }

  @Test("The nth box is the one whose score for the class is nth")
  func boxes() throws {
    // Three boxes of four numbers and two classes, the boxes last.
    let boxes = ScoredBoxes(count: 7, width: 6, boxesComeLast: true)
    var outputs = [Float](repeating: 100, count: 28)
    outputs += [0.1, 0.5, 0.3, 0, 0, 0, 0, /* the second class */ 0, 0, 0, 0.2, 0.9, 0.4, 0]
    func targets(_ text: String) throws -> [ScoreTarget] {
      try TargetSpecification(parsing: text, classCount: 2, labels: ["dog", "cat"], outputs: .boxes(boxes))
        .targets(logits: outputs, outputs: .boxes(boxes), in: PictureFrame(whole: ImageSize(square: 8)))
    }
    #expect(try targets("dog")[0](outputs).score == 0.5)
    #expect(try targets("dog@box:2")[0](outputs).score == 0.3)
    #expect(try targets("cat@box:3")[0](outputs).gradient.firstIndex(of: 1) == 38)
    #expect(try targets("top")[0].title(labels: ["dog", "cat"]) == "cat, box 1")
    #expect(Prediction.best(2, of: outputs, outputs: .boxes(boxes)).map(\.logit) == [0.9, 0.5])
    for text in ["dog@box:0", "dog@box:8", "dog@3,4", "p:dog"] {
      #expect(throws: TargetError.self) { try targets(text) }
    }
    let first = ScoredBoxes(count: 7, width: 6, boxesComeLast: false)
    #expect(first.index(ofClass: 1, box: 3) == 3 * 6 + 5)
  }

  @Test("A class's name may have an @; pictures have no places")
  func classifiers() throws {
    let frame = PictureFrame(whole: ImageSize(square: 4))
    let named = try TargetSpecification(parsing: "a@b", classCount: 2, labels: ["a@b", "a"])
    #expect(try named.targets(logits: [1, 2], in: frame).map(\.classIndex) == [0])
    #expect(throws: TargetError.self) {
      try TargetSpecification(parsing: "a@1,2", classCount: 2, labels: ["a@b", "a"])
    }
  }
}
