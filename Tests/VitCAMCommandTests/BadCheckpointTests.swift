import Foundation
import Tensors
import Testing

/// Checkpoints that cannot be explained: one line says why, and nothing is left behind.
@Suite struct BadCheckpointTests {
  private static let scene = "Weights/Scenes/scene-20.png"

  /// Explains a scene with the checkpoint of these bytes and expects a failure that leaves nothing behind.
  private func expectRefused(
    _ bytes: [UInt8], named name: String = "model.safetensors", saying fragment: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try folder.file(name, bytes)
    let run = try CommandRun([
      "--arch", "demo_resnet", "--weights", checkpoint, Self.scene, "-o", folder.path("out"), "--save-logits",
      folder.path("logits.npy"),
    ])
    run.expectFailure(1, name, fragment, sourceLocation: sourceLocation)
    #expect(folder.contents == [name], sourceLocation: sourceLocation)
  }

  @Test("An empty file is named as such", arguments: ["model.safetensors", "model.pth", "model.pkl"])
  func empty(name: String) throws {
    try expectRefused([], named: name, saying: "the file is empty")
  }

  @Test("A file of random bytes is no checkpoint", arguments: ["model.safetensors", "model.pth", "model.pkl"])
  func random(name: String) throws {
    // The first bytes announce no plausible header.
    let noise = (0..<5000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
    let bytes = [UInt8](repeating: 0xE5, count: 8) + noise
    try expectRefused(bytes, named: name, saying: "checkpoint")
  }

  @Test("A file that was cut off is said to be truncated")
  func truncated() throws {
    let bytes = try SafetensorsBytes.demonstration("demo_resnet")
    try expectRefused(Array(bytes.prefix(1_000_000)), saying: "is the file truncated?")
  }

  @Test("A header of 2^60 bytes is refused")
  func hugeHeader() throws {
    try expectRefused([0, 0, 0, 0, 0, 0, 0, 0x10] + Array("{}".utf8), saying: "1152921504606846976 bytes")
  }

  @Test(
    "Offsets beyond the file, backwards, and of overlapping tensors are refused",
    arguments: [("[0,64]", "[64,68]", "truncated"), ("[8,4]", "[0,4]", "8 to 4"), ("[0,4]", "[0,4]", "overlap")])
  func offsets(first: String, second: String, fragment: String) throws {
    let tensors = [("a", first), ("b", second)].map { #""\#($0)":{"dtype":"F32","shape":[1],"data_offsets":\#($1)}"# }
    let header = Array("{\(tensors.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    try expectRefused(length + header + [0, 0, 0, 0], saying: fragment)
  }

  @Test("A pickle that calls os.system runs nothing")
  func hostilePickle() throws {
    let folder = try TemporaryFolder()
    let command = "touch \(folder.path("executed"))"
    let pickle: [UInt8] =
      [0x80, 2] + Array("cos\nsystem\n".utf8) + [0x58, UInt8(command.utf8.count), 0, 0, 0] + Array(command.utf8)
      + [0x85, 0x52, 0x2E]
    try expectRefused(pickle, named: "model.pkl", saying: "os.system")
    #expect(folder.contents.isEmpty)
  }

  @Test("A weight that is no finite number is named", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) throws {
    var weights = Tensor(repeating: 0.1, shape: [10, 192])
    weights.withMutableScalars { $0[700] = value }
    let bytes = try SafetensorsBytes.demonstration("demo_resnet", replacing: ["fc.weight": weights])
    try expectRefused(bytes, saying: "fc.weight")
  }

  @Test("Filters of another size are refused with both shapes")
  func filters() throws {
    let filters = Tensor(repeating: 0.1, shape: [64, 1, 5, 5])
    let bytes = try SafetensorsBytes.demonstration("demo_resnet", replacing: ["conv1.weight": filters])
    try expectRefused(bytes, saying: "64×1×5×5")
    try expectRefused(bytes, saying: "64×1×7×7")
  }

  @Test("A checkpoint of another architecture is refused, and the one that fits is named")
  func anotherArchitecture() throws {
    try expectRefused(try SafetensorsBytes.demonstration("demo_vit"), saying: "it fits demo_vit")
  }

  @Test("A checkpoint that is not there is named, with or without an architecture")
  func missing() throws {
    try CommandRun(["--weights", "no-such.pth", Self.scene]).expectFailure(1, "no-such.pth")
    try CommandRun(["--arch", "resnet152", Self.scene]).expectFailure(1, "resnet152", "Weights", "--weights")
  }
}
