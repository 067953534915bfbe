import Foundation
import Images

/// A picture of `Fixtures/Formats` as other libraries read it; see `make_formats.py`.
struct FormatFixture: Decodable, Sendable {
  let file: String
  let height, width, channels: Int
  let low, high: Double
  let type: String
  let samples: Data

  static let folder = fixtures.deletingLastPathComponent().appending(path: "Formats")

  /// All of them whose names contain a text.
  static func all(_ part: String) throws -> [FormatFixture] {
    try JSONDecoder().decode([FormatFixture].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
      .filter { $0.file.contains(part) }
  }

  /// The bytes of a file there.
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The path of a file there.
  static func path(_ name: String) -> String { folder.appending(path: name).path }

  /// The picture as it should be decoded.
  var image: Image {
    let decoded: Image.Samples =
      switch type {
      case "uint8": .bytes([UInt8](samples))
      case "uint16": .words(samples.loaded())
      default: .floats(samples.loaded())
      }
    return Image(
      size: ImageSize(height: height, width: width), channels: channels, samples: decoded,
      range: Window(low: low, high: high))
  }
}

extension Data {
  fileprivate func loaded<Scalar: BitwiseCopyable>() -> [Scalar] {
    withUnsafeBytes { bytes in
      (0..<count / MemoryLayout<Scalar>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Scalar>.size, as: Scalar.self)
      }
    }
  }
}

/// A folder that is there for the time of a test.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
