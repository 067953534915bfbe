import Foundation
import Images
import Tensors
import Testing

@Suite("Encoding")
struct ImageEncodingTests {
  @Test("PNG gives back every sample, of 8 and of 16 bits, gray and RGB")
  func lossless() throws {
    for name in ["gray8.png", "rgb8.png", "gray16.png", "rgb16.png", "strip.png", "one-pixel.png"] {
      let image = try fixture(name)
      let again = try Image(try image.encoded(as: .png))
      #expect(again == image, "\(name)")
    }
  }

  @Test("JPEG of quality 92 stays close, and has 8 bits per sample")
  func lossy() throws {
    var bytes: [UInt8] = []
    for row: UInt8 in 0..<32 {
      for column: UInt8 in 0..<40 { bytes += [row * 5, column * 4, 90] }
    }
    let smooth = Image(size: ImageSize(height: 32, width: 40), channels: 3, samples: .bytes(bytes))
    let again = try Image(try smooth.encoded(as: .jpeg))
    #expect(largestDifference(again.integers, smooth.integers) <= 8)
    let words = try Image(try fixture("gray16.png").encoded(as: .jpeg))
    #expect(words.range.high == 255)
  }

  @Test("the same picture gives the same bytes")
  func deterministic() throws {
    let image = try fixture("rgb8.png")
    for format in ImageFormat.allCases {
      let first = try image.encoded(as: format)
      let second = try image.encoded(as: format)
      #expect(first == second)
    }
  }

  @Test("the extension decides the format, and an unknown one or an unwritable place is an error in one line")
  func writing() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let image = try fixture("rgb8.png")
    for (name, magic) in [("a.png", [0x89, 0x50]), ("b.JPG", [0xFF, 0xD8]), ("c.jpeg", [0xFF, 0xD8])] {
      let path = folder.appending(path: name).path
      try image.write(to: path)
      let file = try MappedFile(path: path)
      #expect(file.bytes.prefix(2).map(Int.init) == magic)
    }
    for (name, reason) in [
      ("d.gif", "the name must end in .png, .jpg or .jpeg"), ("png", "the name must end in .png, .jpg or .jpeg"),
      ("no/e.png", "No such file or directory"),
    ] {
      let path = folder.appending(path: name).path
      #expect(throws: FileError(.write, path, reason: reason)) { try image.write(to: path) }
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["a.png", "b.JPG", "c.jpeg"])
  }

  @Test("a picture too long for JPEG is refused")
  func tooLong() throws {
    let long = Image(
      size: ImageSize(height: 1, width: 65501), channels: 1, samples: .bytes([UInt8](repeating: 0, count: 65501)))
    #expect(throws: ImageError.self) { try long.encoded(as: .jpeg) }
  }
}
