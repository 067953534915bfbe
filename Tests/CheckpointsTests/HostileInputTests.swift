import Foundation
import Testing

@testable import Checkpoints

@Suite("Damaged and hostile files")
struct HostileInputTests {
  private static let kinds = [
    "types.safetensors", "state_dict.pth", "legacy_training.pth.tar", "plain_protocol4.pkl", "script.pt", "views.pth",
    "legacy_views.pth", "whole_model.pkl",
  ]

  @Test("a file that ends too early is an error, wherever it ends", arguments: kinds)
  func truncation(file: String) throws {
    let bytes = try Fixtures.bytes(file)
    for length in bytes.indices {
      let error = errorOfReading(bytes.prefix(length))
      #expect(error?.isOneLine == true, "\(length) bytes of \(file)")
    }
  }

  @Test("files with changed bytes are read or refused in one line, without a crash", arguments: kinds)
  func mutation(file: String) throws {
    let original = try Fixtures.bytes(file)
    var random = SplitMix64(state: 1)
    for _ in 0..<3000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let offset = Int.random(in: bytes.indices, using: &random)
        bytes[offset] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
      }
      if let error = errorOfReading(bytes), !error.isOneLine { Issue.record("\(error)") }
    }
  }

  @Test("random instructions are read or refused without a crash")
  func randomPickles() {
    let opcodes = Array(UInt8.min...UInt8.max).filter { PickleOpcode(rawValue: $0) != nil }
    var random = SplitMix64(state: 2)
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...60, using: &random)).map { _ in opcodes.randomElement(using: &random) ?? 0 }
      if let error = errorOfReading(PickleBytes.protocol2 + bytes), !error.isOneLine { Issue.record("\(error)") }
    }
  }

  @Test("random bytes are no checkpoint")
  func randomBytes() {
    var random = SplitMix64(state: 3)
    for length in [1, 7, 8, 9, 100, 10_000] {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(errorOfReading(bytes)?.isOneLine == true)
    }
  }

  @Test(
    "files that are often taken for a checkpoint are told apart",
    arguments: [
      ("", "the file is empty"), ("<!DOCTYPE html>", "a web page"), ("version https://git-lfs.example/spec", "Git LFS"),
      ("\u{1F}", "not a checkpoint"), ("\u{1}HDF", "an HDF5 file"), ("{\"weight_map\": {}}", "JSON text"),
      (String(repeating: "a", count: 257) + "ustar", "a tar archive"), ("hello", "not a checkpoint; a checkpoint is"),
    ])
  func otherFiles(content: String, expected: String) {
    let error = errorOfReading(content.utf8)
    #expect(error?.problem.contains(expected) == true, "\(error?.description ?? "accepted")")
  }

  @Test("a compressed file is told to be one")
  func compressed() {
    #expect(errorOfReading([0x1F, 0x8B, 8, 0])?.problem.contains("decompress it first") == true)
  }

  @Test("a missing file and a folder are errors that name them")
  func missing() {
    for path in [Fixtures.path("missing.pth"), Fixtures.folder.path] {
      let error = #expect(throws: CheckpointError.self) { try StateDictionary(contentsOf: path) }
      #expect(error?.file == path)
    }
  }

  @Test("PyTorch files nested in each other do not exhaust the stack")
  func nestedFiles() throws {
    // Each layer wraps the one before in `_load_from_bytes`; only the outermost is opened.
    var inner: [UInt8] = PickleBytes.whole(PickleBytes.opcode(.none))
    for _ in 0..<200 {
      let bytes = [PickleOpcode.binBytes.rawValue] + UInt32(inner.count).littleEndianBytes + inner
      inner = PickleBytes.whole(PickleBytes.call(PickleBytes.global("torch.storage", "_load_from_bytes"), bytes))
    }
    #expect(errorOfReading(inner)?.isOneLine == true)
  }
}

/// A small generator of random numbers with a seed (Steele, Lea, Flood 2014), so that failures can be repeated.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
