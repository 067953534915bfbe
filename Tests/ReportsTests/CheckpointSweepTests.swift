import Architectures
import Checkpoints
import Foundation
import Images
import Tensors
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Checkpoints tried on labelled pictures.
@Suite struct CheckpointSweepTests {
  /// What the shipped scenes with one object show, in their order.
  private static let labels = [
    "crescent", "heart", "crescent", "arrow", "square", "circle", "arrow", "heart", "cross", "circle", "circle",
    "arrow",
  ]
  private let folder: TestFolder
  private let list: String
  private var options = SweepOptions()

  init() throws {
    folder = try TestFolder()
    let rows = Self.labels.enumerated().map { "\(Demonstration.scene($0)),\($1)\n" }
    list = try folder.file("pictures.csv", "path,label\n" + rows.joined())
    options.showsTimings = false
  }

  /// `demo_resnet` with noise in the weights of its convolutions, as an earlier state of a training would be worse.
  private static func noised(by amplitude: Float) throws -> Data {
    let data = try Data(contentsOf: URL(filePath: "\(Demonstration.root)/Weights/demo_resnet.safetensors"))
    var bytes = [UInt8](data)
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]])
    var state: UInt32 = 1
    for (name, entry) in header.sorted(by: { $0.key < $1.key }) where name.hasSuffix("conv2.weight") {
      let offsets = try #require(entry["data_offsets"] as? [Int])
      try #require(entry["dtype"] as? String == "F32")
      bytes.withUnsafeMutableBytes { bytes in
        for place in stride(from: 8 + length + offsets[0], to: 8 + length + offsets[1], by: 4) {
          state = state &* 1_664_525 &+ 1_013_904_223
          let noise = amplitude * (Float(state >> 8) / Float(1 << 23) - 1)
          bytes.storeBytes(
            of: bytes.loadUnaligned(fromByteOffset: place, as: Float.self) + noise, toByteOffset: place, as: Float.self)
        }
      }
    }
    return Data(bytes)
  }

  private func write(_ data: Data, to name: String) throws {
    try Folder.create(folder("checkpoints"))
    try data.write(to: URL(filePath: folder("checkpoints/\(name)")))
  }

  private func weights(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(Demonstration.root)/Weights/\(name).safetensors"))
  }

  private func run(_ options: SweepOptions, _ checkpoints: String = "checkpoints") throws -> SweepResults {
    try CheckpointSweep(folder(checkpoints), on: LabelledPictures(contentsOf: list), options).run(into: folder("out"))
  }

  @Test(
    "The best checkpoint is found, what cannot be read or does not fit is told, and the numbers are those of the model")
  func sweep() throws {
    let good = try weights("demo_resnet")
    try write(Self.noised(by: 0.6), to: "model-9.safetensors")
    try write(good, to: "model-80.safetensors")
    try write(good.prefix(good.count / 2), to: "model-81.safetensors")
    try write(weights("demo_vit"), to: "model-82.safetensors")
    var options = options
    options.architecture = "demo_resnet"
    options.worst = 3
    let results = try run(options)

    #expect(
      results.checkpoints.map { Folder.name(of: $0.checkpoint) } == ["model-9.safetensors", "model-80.safetensors"])
    #expect(results.failures.count == 2)
    for (failure, name) in zip(results.failures, ["model-81.safetensors", "model-82.safetensors"]) {
      #expect(failure.contains(name))
    }
    let (worse, best) = (results.checkpoints[0], results.checkpoints[1])
    #expect(results.best?.checkpoint == best.checkpoint)
    #expect(worse.accuracy < best.accuracy && worse.loss > best.loss, "\(worse.accuracy) \(best.accuracy)")

    // Accuracy, loss and confusion once more, from the model's outputs.
    let model = try Model(
      ModelDescription.named("demo_resnet"), checkpoint: StateDictionary(contentsOf: best.checkpoint))
    let names = try #require(model.labels)
    var (hits, loss) = (0, 0.0)
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
    for (number, label) in Self.labels.enumerated() {
      let image = try Image(contentsOf: Demonstration.scene(number))
      let logits = try model.outputs(for: model.preprocessing(image))[0].scalars.map(Double.init)
      let (right, found) = (
        try #require(names.firstIndex(of: label)), try #require(logits.firstIndex(of: logits.max() ?? 0))
      )
      hits += right == found ? 1 : 0
      loss += log(logits.reduce(0) { $0 + exp($1) }) - logits[right]
      confusion[right][found] += 1
    }
    #expect(best.accuracy == Float(hits) / 12)
    #expect(abs(Double(best.loss) - loss / 12) < 1e-5)
    #expect(best.confusion == confusion)
    #expect(results.classes == names)

    // The worst pictures, and why the wrong class and the right one.
    let losses = best.answers.compactMap { $0?.loss }.sorted(by: >)
    #expect(results.explained.map(\.loss) == Array(losses.prefix(3)))
    #expect(results.explained.allSatisfy { $0.maps.count == ($0.right == $0.found ? 1 : 2) })
    let files = try folder.files(in: "out")
    #expect(results.explained.flatMap(\.maps).allSatisfy { files[$0.explanation.files[0]] != nil })
    let page = try #require(files["index.html"])
    let parser = XMLParser(data: page)
    #expect(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    for name in ["model-9.safetensors", "model-81.safetensors", "model-82.safetensors"] {
      #expect(String(decoding: page, as: UTF8.self).contains(name))
    }
    let table = try folder.text("out/checkpoints.csv").split(separator: "\n")
    #expect(table.count == 3 && table[2].hasSuffix("demo_resnet,12,\(best.accuracy),\(best.topFive),\(best.loss),"))
    #expect(results.table.split(separator: "\n")[2].hasPrefix("*  model-80.safetensors     \(best.accuracy.fixed(3))"))
    let report = try JSONSerialization.jsonObject(with: folder.bytes("out/report.json")) as? [String: Any]
    #expect(report?["best"] as? String == best.checkpoint)
  }

  @Test("Chosen pictures are explained in place of the worst, and one that is not labelled is refused before any work")
  func chosen() throws {
    try write(weights("demo_resnet"), to: "a.safetensors")
    var options = options
    options.chosen = ["scene-04.png"]
    #expect(try run(options, "checkpoints/*.safetensors").explained.map(\.label) == ["square"])
    options.chosen = ["scene-23.png"]
    #expect(throws: UsageError.self) { try run(options) }
  }

  @Test("Where no checkpoint can be tried, the first one's error is thrown and no page is written")
  func nothing() throws {
    try write(weights("demo_resnet").prefix(1000), to: "a.safetensors")
    #expect(throws: CheckpointError.self) { try run(options) }
    #expect(!Folder.isTaken(folder("out/index.html")))
    try Folder.create(folder("empty"))
    #expect(throws: UsageError.self) { try run(options, "empty") }
  }

  @Test("Labels are class names or numbers, and of models that name no classes the folders in their order")
  func labels() throws {
    var model = try Demonstration.model()
    for (label, name) in [("Ring", "a.png"), ("0", "b.jpg"), ("0", "notes.txt")] {
      try folder.file("classes/\(label)/\(name)", "")
    }
    let pictures = try LabelledPictures(contentsOf: folder("classes"))
    #expect(pictures.pictures.map(\.label) == ["0", "Ring"])
    #expect(try pictures.classes(of: model) == ["0": 0, "Ring": 5])
    // `top` is a target, but no class.
    try folder.file("classes/top/c.png", "")
    #expect(throws: UsageError.self) { try LabelledPictures(contentsOf: folder("classes")).classes(of: model) }

    for number in 0..<10 { try folder.file("ten/n0\(number)/a.png", "") }
    let ten = try LabelledPictures(contentsOf: folder("ten"))
    #expect(throws: UsageError.self) { try ten.classes(of: model) }
    model.labels = nil
    #expect(try ten.classes(of: model)["n07"] == 7)
    #expect(throws: UsageError.self) { try LabelledPictures(contentsOf: folder("classes/Ring/a.png")) }
  }

  @Test("The loss is -log p, however small p is")
  func loss() {
    #expect(abs(CheckpointSweep.loss(of: 1, [0, log(3)], .logits) - 0.287_682) < 1e-6)
    #expect(CheckpointSweep.loss(of: 1, [1000, 0], .logits) == 1000)
    #expect(abs(CheckpointSweep.loss(of: 0, [0.25], .probabilities) - 1.386_294) < 1e-6)
  }

  @Test("Numbers in names count")
  func order() {
    let names = [
      "model-9.pth", "model-80.pth", "model-080a.pth", "model-100.pth", "model.pth", "a2/b10", "a10/b2", "a2/b9",
    ]
    let sorted = [
      "a2/b9", "a2/b10", "a10/b2", "model-9.pth", "model-80.pth", "model-080a.pth", "model-100.pth", "model.pth",
    ]
    #expect(names.sorted { $0.precedes($1) } == sorted)
  }
}
