import Foundation
import Images
import Tensors
import Testing

@Suite("Decoding")
struct ImageDecodingTests {
  @Test("every kind of PNG is decoded exactly, and every kind of JPEG within one level of Pillow")
  func pictures() throws {
    let expected = try Expected.load().pictures
    #expect(expected.count > 35)
    for picture in expected {
      let image = try fixture(picture.file)
      #expect(image.size == ImageSize(height: picture.height, width: picture.width), "\(picture.file)")
      #expect(
        image.channels == picture.channels && image.range.high == Double(1 << picture.bits - 1), "\(picture.file)")
      let samples: [Int] =
        picture.bits == 8
        ? picture.samples.map(Int.init)
        : stride(from: 0, to: picture.samples.count, by: 2).map {
          Int(picture.samples[$0]) | Int(picture.samples[$0 + 1]) << 8
        }
      let tolerance = picture.file.hasSuffix(".jpg") ? 1 : 0
      #expect(largestDifference(image.integers, samples) <= tolerance, "\(picture.file)")
    }
  }

  @Test("the contents decide the format, not the name")
  func sniffing() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "really-a-jpeg.png").path
    try AtomicFile.write(try fixtureBytes("rgb.jpg"), to: path)
    let renamed = try Image(contentsOf: path)
    let original = try fixture("rgb.jpg")
    #expect(renamed == original)
  }

  @Test("a PNG that is cut short anywhere is an error in one line")
  func truncatedPNG() throws {
    for name in ["rgb8.png", "gray16-interlaced.png", "palette4.png"] {
      let bytes = try fixtureBytes(name)
      for count in 0..<bytes.count {
        let error = #expect(throws: ImageError.self, "\(name) of \(count) bytes") {
          try Image(Array(bytes.prefix(count)))
        }
        #expect(error?.description.contains("\n") == false)
      }
    }
  }

  @Test("a JPEG that is cut short before its last pixels is an error")
  func truncatedJPEG() throws {
    for name in ["rgb.jpg", "progressive.jpg", "cmyk.jpg", "orientation6.jpg"] {
      let bytes = try fixtureBytes(name)
      for count in 0..<bytes.count - 20 {
        #expect(throws: ImageError.self, "\(name) of \(count) bytes") { try Image(Array(bytes.prefix(count))) }
      }
    }
  }

  @Test("a wrong checksum in a PNG is an error")
  func wrongChecksum() throws {
    for name in ["rgb8.png", "gray16.png"] {
      var bytes = try fixtureBytes(name)
      // The last four bytes of IDAT lie before IEND's twelve.
      bytes[bytes.count - 13] ^= 1
      let error = #expect(throws: ImageError.self) { try Image(bytes) }
      #expect(error?.description == "the PNG picture is damaged or cut short: IDAT: CRC error")
    }
  }

  @Test("damaged files of every kind are decoded or refused, and never crash")
  func damaged() throws {
    var random = SplitMix64(state: 7)
    for name in try fixtureNames() {
      let bytes = try fixtureBytes(name)
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let image = try? Image(damaged)
        #expect(image == nil || image.map { $0.size.count <= Image.maximumPixels } == true)
      }
    }
  }

  @Test("a PNG that claims 40000×40000 pixels is refused by its header")
  func bomb() throws {
    let error = #expect(throws: FileError.self) { try fixture("bomb.png") }
    #expect(
      error?.reason
        == "the picture claims 40000×40000 pixels; at most 32768 on a side and 100 million in all are read")
  }

  @Test("a JPEG that claims 40000×40000 pixels is refused by its header")
  func claimingJPEG() throws {
    var bytes = try fixtureBytes("rgb.jpg")
    // Start of frame: marker, length, precision, height, width.
    let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0]))
    bytes.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0x9C, 0x40, 0x9C, 0x40])
    let error = #expect(throws: ImageError.self) { try Image(bytes) }
    #expect(error?.description.hasPrefix("the picture claims 40000×40000 pixels") == true)
  }

  @Test("a progressive JPEG of hundreds of scans, which would take for ever, is refused")
  func endlessScans() throws {
    let bytes = try fixtureBytes("progressive.jpg")
    let scan = try #require((0..<bytes.count - 1).last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    let repeated = bytes[..<scan] + (0..<600).flatMap { _ in bytes[scan..<bytes.count - 2] } + bytes.suffix(2)
    let error = #expect(throws: ImageError.self) { try Image(Array(repeated)) }
    #expect(error?.description == "the JPEG picture is damaged or cut short: more than 500 scans")
  }

  @Test("a picture that others cut short while it is read is an error, and ends nobody")
  func truncatedMeanwhile() async throws {
    let bytes = try Image(
      size: ImageSize(square: 1000), channels: 3,
      samples: .bytes((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 8) })
    ).encoded(as: .png)
    let path = FileManager.default.temporaryDirectory.appending(path: "vitcam-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try AtomicFile.write(bytes, to: path)
    async let read: Void = {
      for _ in 0..<30 { _ = try? Image(contentsOf: path) }
    }()
    for _ in 0..<300 {
      try FileHandle(forWritingTo: URL(filePath: path)).truncate(atOffset: 100)
      try await Task.sleep(for: .milliseconds(1))
      try FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: bytes)
    }
    await read
  }

  @Test("what is no picture is named")
  func foreign() throws {
    func reason(_ bytes: [UInt8]) -> String? {
      #expect(throws: ImageError.self) { try Image(bytes) }?.description
    }
    #expect(reason([]) == "the file is empty")
    #expect(reason([1]) == "expected a \(ReadableFormat.names) picture, found something else")
    #expect(throws: FileError(.read, fixtures.path, reason: "it is a folder, not a file")) {
      try Image(contentsOf: fixtures.path)
    }
  }

  @Test("a PNG's eXIf chunk turns the picture as a JPEG's EXIF segment does, wherever it stands", arguments: 1...8)
  func pngOrientation(orientation: Int) throws {
    func crc(_ bytes: [UInt8]) -> [UInt8] {
      let value = bytes.reduce(UInt32.max) { value, byte in
        (0..<8).reduce(value ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      }
      return withUnsafeBytes(of: (~value).bigEndian) { Array($0) }
    }
    let exif: [UInt8] =
      [0x65, 0x58, 0x49, 0x66] + Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0]
      + [UInt8(orientation), 0, 0, 0, 0, 0, 0]
    let chunk: [UInt8] = [0, 0, 0, UInt8(exif.count - 4)] + exif + crc(exif)
    let stored = try Image(contentsOf: fixtures.appending(path: "rgb8.png").path)
    let bytes = try fixtureBytes("rgb8.png")
    // Behind IHDR, and before IEND.
    for place in [33, bytes.count - 12] {
      let image = try Image(Array(bytes[..<place]) + chunk + Array(bytes[place...]))
      #expect(image.size == (orientation < 5 ? stored.size : ImageSize(height: stored.width, width: stored.height)))
      // EXIF 2.3: where row 0 and column 0 of what is stored lie, so which stored corner is the upright picture's first.
      let isAtBottom = [3, 4, 6, 7].contains(orientation)
      let isAtRight = [2, 3, 7, 8].contains(orientation)
      let row = isAtBottom ? stored.height - 1 : 0
      let column = isAtRight ? stored.width - 1 : 0
      let corner = (row * stored.width + column) * 3
      let expected = Array(stored.integers[corner..<corner + 3])
      #expect(Array(image.integers.prefix(3)) == expected)
    }
  }

  @Test("an EXIF directory that points outside its segment leaves the picture as it is stored")
  func hostileOrientation() throws {
    var bytes = try fixtureBytes("orientation6.jpg")
    let upright = try fixture("orientation1.jpg")
    let marker = try #require(bytes.firstRange(of: Array("Exif\0\0".utf8)))
    // The offset of the first directory, behind the byte order and the number 42.
    bytes.replaceSubrange(marker.upperBound + 4..<marker.upperBound + 8, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let image = try Image(bytes)
    #expect(image == upright)
  }
}

/// A small random number generator with a seed, so that a failure can be repeated (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
