import Foundation
import Testing

@testable import Checkpoints

@Suite("CheckpointFolder") struct CheckpointFolderTests {
  /// A folder with these files, for the time of a test.
  private func folder<Result>(_ files: [String: [UInt8]], _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitcam-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, bytes) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    return try body(folder.path)
  }

  private func tensor(_ name: String, _ value: Float) -> [UInt8] {
    let header = #"{"\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    return UInt64(header.utf8.count).littleEndianBytes + Array(header.utf8) + value.bitPattern.littleEndianBytes
  }

  private func index(_ map: String) -> [UInt8] { Array(#"{"weight_map":{\#(map)}}"#.utf8) }

  @Test("weights in shards are read as one")
  func shards() throws {
    let files = [
      "a.safetensors": tensor("x", 1), "b.safetensors": tensor("y", 2),
      "model.safetensors.index.json": index(#""x":"a.safetensors","y":"b.safetensors""#),
    ]
    try folder(files) { path in
      let weights = try StateDictionary(contentsOf: path)
      #expect(weights.names.sorted() == ["x", "y"])
      #expect(try weights.tensor("y").scalars == [2])
    }
  }

  @Test("a folder of a hub's cache means its snapshot")
  func snapshot() throws {
    try folder(["snapshots/abc/model.safetensors": tensor("x", 1)]) { path in
      let found = try CheckpointFolder(at: path)
      #expect(found?.weights == path + "/snapshots/abc/model.safetensors")
    }
  }

  @Test(
    "an index that leads out of its folder, or to a file that is missing, is refused in one line",
    arguments: [
      #""x":"../a.safetensors""#, #""x":"/a.safetensors""#, #""x":"b.safetensors""#, #""y":"a.safetensors""#,
      #""x":7"#, "",
    ])
  func refused(map: String) throws {
    let files = ["a.safetensors": tensor("x", 1), "model.safetensors.index.json": index(map)]
    try folder(files) { path in
      do throws(CheckpointError) {
        _ = try StateDictionary(contentsOf: path)
        Issue.record("read")
      } catch {
        #expect(error.isOneLine && error.file.hasSuffix("index.json"))
      }
    }
  }

  @Test("modules side by side are joined, and a bias that one of them lacks is 0")
  func joined() throws {
    let parts = StateDictionary(tensors: [
      "a.query.weight": .init([1, 2], shape: [1, 2]), "a.key.weight": .init([3, 4], shape: [1, 2]),
      "a.value.weight": .init([5, 6], shape: [1, 2]), "a.query.bias": .init([7], shape: [1]),
      "a.value.bias": .init([8], shape: [1]), "other": .init([9], shape: [1]),
    ])
    let joined = try parts.joining(["query", "key", "value"], as: "qkv")
    #expect(joined.names.sorted() == ["a.qkv.bias", "a.qkv.weight", "other"])
    #expect(try joined.tensor("a.qkv.weight").scalars == [1, 2, 3, 4, 5, 6])
    #expect(try joined.tensor("a.qkv.bias").scalars == [7, 0, 8])
  }
}
