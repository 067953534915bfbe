import Foundation
import Tensors

@testable import Checkpoints

/// The checkpoints beside `make_checkpoints.py`, and what they hold according to PyTorch.
enum Fixtures {
  struct Expected: Decodable, Sendable {
    struct Tensor: Decodable, Sendable {
      let type: String
      let shape: [Int]
      let values: [Float]
    }

    let tensors: [String: Tensor]
    let metadata: [String: String]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/Checkpoints")

  /// The files that `expected.json` describes.
  static let names: [String] = ((try? expected()) ?? [:]).keys.sorted()

  static func expected() throws -> [String: Expected] {
    try JSONDecoder().decode(
      [String: Expected].self, from: try Data(contentsOf: folder.appending(path: "expected.json")))
  }

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }
}

extension ByteRegion {
  /// Bytes that pose as a file of the name `test`.
  init(_ bytes: some Sequence<UInt8>) {
    self.init(file: "test", copying: Array(bytes))
  }
}

extension FixedWidthInteger {
  /// The bytes of the integer, the lowest first.
  var littleEndianBytes: [UInt8] {
    withUnsafeBytes(of: littleEndian) { Array($0) }
  }
}

/// Opens bytes as a checkpoint and reads all of its tensors. Gives the error, or nil when there was none.
func errorOfReading(_ bytes: some Sequence<UInt8>) -> CheckpointError? {
  do throws(CheckpointError) {
    let state = try StateDictionary(ByteRegion(bytes))
    for name in state.names { _ = try state.tensor(name, checkingFinite: false) }
    return nil
  } catch {
    return error
  }
}

extension CheckpointError {
  /// Whether the description is one line without control characters.
  var isOneLine: Bool {
    !description.isEmpty && description.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
