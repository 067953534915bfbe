import Foundation
import Images
import Testing

/// What the libraries of the field make of the fixture pictures; see `make_images.py`.
struct Expected: Decodable {
  struct Picture: Decodable, Sendable {
    let file: String
    let height, width, channels, bits: Int
    let samples: Data
  }

  struct Resized: Decodable, Sendable {
    let file: String
    let height, width: Int
    let interpolation: String
    let samples: Data
  }

  struct NetworkInput: Decodable, Sendable {
    let file: String
    let height, width: Int
    let interpolation: String
    let fraction: Double
    let squash: Bool
    let window: [Double]?
    let values: Data
  }

  struct Map: Decodable, Sendable {
    let height, width: Int
    let interpolation: String
    let map, values: Data
  }

  struct Overlay: Decodable, Sendable {
    let height, width: Int
    let picture, map: Data
    let imageWeight: Float
    let samples: Data
  }

  let pictures: [Picture]
  let resizes: [Resized]
  let tensors: [NetworkInput]
  let maps: [Map]
  let colorMaps: [String: Data]
  let overlays: [Overlay]

  static func load() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(contentsOf: fixtures.appending(path: "expected.json")))
  }
}

/// The folder of fixture pictures.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Fixtures/Images")

/// The fixture picture of that name.
func fixture(_ name: String) throws -> Image {
  try Image(contentsOf: fixtures.appending(path: name).path)
}

/// The bytes of the fixture file of that name.
func fixtureBytes(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: fixtures.appending(path: name)))
}

/// The names of all fixture pictures.
func fixtureNames() throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: fixtures.path).filter { ReadableFormat(path: $0) != nil }.sorted()
}

extension Data {
  /// The 32-bit floats that these bytes hold.
  var floats: [Float] {
    withUnsafeBytes { bytes in
      (0..<count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}

extension Image {
  /// The samples, whatever their depth.
  var integers: [Int] {
    switch samples {
    case .bytes(let bytes): bytes.map(Int.init)
    case .words(let words): words.map(Int.init)
    case .floats(let floats): floats.map { Int($0) }
    }
  }

  /// Decodes an array of bytes.
  init(_ bytes: [UInt8]) throws {
    let result = bytes.withUnsafeBytes { memory in Result { try Image(encoded: memory) } }
    self = try result.get()
  }
}

/// The largest absolute difference; infinite when the counts differ or a value is not a number.
func largestDifference(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count else { return .infinity }
  return zip(first, second).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// The largest absolute difference; `Int.max` when the counts differ.
func largestDifference(_ first: [Int], _ second: [Int]) -> Int {
  guard first.count == second.count else { return .max }
  return zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
