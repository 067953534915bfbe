import Images
import Tensors
import Testing

@Suite("Decoding WebP")
struct WebPDecodingTests {
  @Test("still pictures, lossy and lossless, with and without alpha, are what Pillow reads, to the sample")
  func pictures() throws {
    let expected = try FormatFixture.all(".webp")
    #expect(expected.count == 5)
    for picture in expected {
      let read = try Image(contentsOf: FormatFixture.path(picture.file))
      // Of the opacity, `ChannelTests` has the numbers.
      let image = Image(size: read.size, channels: read.channels, samples: read.samples, range: read.range)
      #expect(image == picture.image, "\(picture.file)")
    }
  }

  @Test("the EXIF orientation turns a picture upright, also behind JPEG's signature")
  func orientation() throws {
    let stored = try Image(contentsOf: FormatFixture.path("lossless.webp"))
    var bytes = try FormatFixture.bytes("turned.webp")
    let turned = try Image(bytes)
    #expect(turned.size == ImageSize(height: stored.width, width: stored.height))
    let chunk = try #require(bytes.firstRange(of: Array("EXIF".utf8)))
    let isSigned = bytes[(chunk.upperBound + 4)...].starts(with: Array("Exif\0\0".utf8))
    if isSigned {
      bytes.removeSubrange(chunk.upperBound + 4..<chunk.upperBound + 10)
      bytes[chunk.upperBound] -= 6
    } else {
      bytes.insert(contentsOf: Array("Exif\0\0".utf8), at: chunk.upperBound + 4)
      bytes[chunk.upperBound] += 6
    }
    bytes[4] = isSigned ? bytes[4] - 6 : bytes[4] + 6
    let other = try Image(bytes)
    #expect(other == turned)
  }

  @Test("an EXIF chunk that is longer than the file, or makes no sense, leaves the picture as it is stored")
  func hostileOrientation() throws {
    let stored = try Image(contentsOf: FormatFixture.path("lossless.webp"))
    var bytes = try FormatFixture.bytes("turned.webp")
    let chunk = try #require(bytes.firstRange(of: Array("EXIF".utf8)))
    bytes.replaceSubrange(
      chunk.upperBound + 4..<bytes.count, with: repeatElement(0, count: bytes.count - chunk.upperBound - 4))
    let image = try Image(bytes)
    #expect(image == stored)
  }

  @Test("an animation is refused with the command that takes a frame of it")
  func animation() throws {
    let error = #expect(throws: FileError.self) { try Image(contentsOf: FormatFixture.path("moving.webp")) }
    #expect(
      error?.reason == "the WebP picture cannot be read: it is an animation; "
        + "take a frame: webpmux -get frame 1 moving.webp -o still.webp")
  }

  @Test("a file that is cut short anywhere is an error in one line")
  func truncated() throws {
    for name in ["lossless.webp", "lossy.webp", "lossy-alpha.webp"] {
      let bytes = try FormatFixture.bytes(name)
      for count in 0..<bytes.count - 1 {
        let error = #expect(throws: ImageError.self, "\(name) of \(count) bytes") {
          try Image(Array(bytes.prefix(count)))
        }
        #expect(error?.description.contains("\n") == false)
      }
    }
  }

  @Test("a file that claims 16384×16384 pixels, the most that there can be, is refused by its header")
  func bomb() throws {
    var bytes = try FormatFixture.bytes("lossless.webp")
    let chunk = try #require(bytes.firstRange(of: Array("VP8L".utf8)))
    // Behind the length and a signature of one byte: 14 bits for the width less one, 14 for the height.
    for index in 5..<8 { bytes[chunk.upperBound + index] = 0xFF }
    bytes[chunk.upperBound + 8] |= 0x0F
    let error = #expect(throws: ImageError.self) { try Image(bytes) }
    #expect(error?.description.hasPrefix("the picture claims 16384×16384 pixels") == true)
  }

  @Test("damaged files are decoded or refused, and never crash")
  func damaged() throws {
    var random = SplitMix64(state: 8)
    for name in [
      "lossless.webp", "lossy.webp", "lossy-alpha.webp", "lossless-alpha.webp", "turned.webp", "moving.webp",
    ] {
      let bytes = try FormatFixture.bytes(name)
      for _ in 0..<200 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let image = try? Image(damaged)
        #expect(image.map { $0.size.count <= Image.maximumPixels } ?? true)
      }
    }
  }
}
