import Checkpoints
import Foundation
import Tensors

/// Checkpoints put together for a test.
enum SafetensorsBytes {
  /// A demonstration model's checkpoint with some of its tensors replaced.
  static func demonstration(
    _ name: String, metadata: [String: String]? = nil, replacing tensors: [String: Tensor] = [:]
  ) throws -> [UInt8] {
    let path = CommandRun.root.appending(path: "Weights/\(name).safetensors").path
    let checkpoint = try StateDictionary(contentsOf: path)
    let all = try checkpoint.names.map { ($0, try tensors[$0] ?? checkpoint.tensor($0)) }
    return try file(all, metadata: metadata ?? checkpoint.metadata)
  }

  /// The bytes of a file: the header's length, the header, the scalars.
  static func file(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) throws -> [UInt8] {
    var header: [String: Any] = ["__metadata__": metadata]
    var data = [UInt8]()
    for (name, tensor) in tensors {
      let start = data.count
      tensor.withScalars { data += UnsafeRawBufferPointer($0) }
      header[name] =
        ["dtype": "F32", "shape": tensor.shape.extents, "data_offsets": [start, data.count]] as [String: Any]
    }
    let text = [UInt8](try JSONSerialization.data(withJSONObject: header))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
  }
}
