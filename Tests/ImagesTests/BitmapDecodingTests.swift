import Foundation
import Images
import TestSupport
import Testing

/// BMP, GIF and PNM files with what Pillow reads from them; see `Tests/Fixtures/Images/make_bitmaps.py`.
@Suite("Decoding BMP, GIF and PNM")
struct BitmapDecodingTests {
  struct Picture: Decodable {
    let file: Data
    let size: [Int]
    let deep: Bool
    let samples: [Float]
  }

  private static func pictures() throws -> [String: Picture] {
    try JSONDecoder().decode(
      [String: Picture].self, from: Data(contentsOf: URL(filePath: Fixtures.path("Images/bitmaps.json"))))
  }

  @Test("pictures are what Pillow reads, to the sample")
  func samples() throws {
    let pictures = try Self.pictures()
    #expect(pictures.count == 20)
    for (name, picture) in pictures {
      let image = try Image(Array(picture.file))
      #expect(image.size == ImageSize(height: picture.size[0], width: picture.size[1]), "\(name)")
      let samples: [Float] =
        switch image.samples {
        case .bytes(let bytes): bytes.map(Float.init)
        case .words(let words): words.map(Float.init)
        case .floats(let floats): floats
        }
      let isRepeated = image.channels == 1 && !picture.deep
      let colors = isRepeated ? samples.flatMap { [$0, $0, $0] } : samples
      #expect(colors == picture.samples, "\(name)")
    }
  }

  @Test("files that are cut short anywhere are refused or whole, never half a picture")
  func truncated() throws {
    // A number written out may be cut to a shorter one.
    for (name, picture) in try Self.pictures() where name != "text.ppm" {
      let bytes = Array(picture.file)
      let whole = try Image(bytes)
      for count in 0..<bytes.count {
        guard let image = try? Image(Array(bytes[..<count])) else { continue }
        // What stands behind the last sample may be missing.
        #expect(image == whole, "\(name) of \(count) bytes")
      }
    }
  }

  @Test("sizes that no memory holds are refused before anything is read")
  func sizes() {
    let huge = Array("P5 40000 40000 255\n".utf8) + [0]
    #expect(throws: (any Error).self) { try Image(huge) }
    var bitmap = [UInt8](repeating: 0, count: 54)
    bitmap.replaceSubrange(0..<2, with: Array("BM".utf8))
    bitmap[14] = 40
    for place in 18..<26 { bitmap[place] = 0x7F }
    bitmap[28] = 24
    #expect(throws: (any Error).self) { try Image(bitmap) }
  }

  @Test("flipped bytes give a picture or one line")
  func damaged() throws {
    for (name, picture) in try Self.pictures() {
      let bytes = Array(picture.file)
      for place in 0..<min(bytes.count, 120) {
        for flip in [UInt8(0xFF), 0x80, 0x01] {
          var damaged = bytes
          damaged[place] ^= flip
          do { _ = try Image(damaged) } catch { #expect(!"\(error)".contains("\n"), "\(name) \(place)") }
        }
      }
    }
  }
}
