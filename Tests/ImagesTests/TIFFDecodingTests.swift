import Foundation
import Images
import Tensors
import Testing

@Suite("Decoding TIFF")
struct TIFFDecodingTests {
  @Test("every depth, kind, color, layout and page is what tifffile and Pillow read, to the sample")
  func pictures() throws {
    let expected = try FormatFixture.all(".tif")
    #expect(expected.count == 34)
    for picture in expected {
      let image = try Image(contentsOf: FormatFixture.path(picture.file))
      #expect(image == picture.image, "\(picture.file)")
    }
  }

  @Test("deep and signed samples reach the tensor as they are in the file")
  func tensor() throws {
    for name in ["unsigned12.tif", "signed16.tif", "float32.tif", "float-predicted.tif"] {
      let picture = try #require(FormatFixture.all(name).first { $0.file == name })
      let size = ImageSize(height: picture.height, width: picture.width)
      let preprocessing = Preprocessing(
        size: size, fit: .squash, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
      let image = try Image(contentsOf: FormatFixture.path(name))
      let tensor = try preprocessing(image)
      let expected: [Float]
      switch picture.image.samples {
      case .bytes: expected = []
      case .words(let words): expected = words.map { Float(Double($0) / picture.high) }
      case .floats(let floats):
        expected = floats.map { Float((Double($0) - picture.low) / (picture.high - picture.low)) }
      }
      #expect(largestDifference(Array(tensor.scalars.prefix(size.count)), expected) < 1e-7, "\(name)")
    }
  }

  @Test("a page that is not there, and a page of a format without pages, are told")
  func pages() throws {
    func reason(_ path: String) -> String? {
      #expect(throws: FileError.self) { try Image(contentsOf: FormatFixture.path(path)) }?.reason
    }
    #expect(reason("pages.tif[3]") == "the TIFF picture cannot be read: it has 3 pages, numbered from 0")
    #expect(reason("pages.tif[99999999999]") == "there is no page 99999999999")
    #expect(reason("lossy.webp[0]") == "a WebP file has no pages; leave out [0]")
    #expect(PicturePath("a.tif[12]").file == "a.tif" && PicturePath("a.tif[12]").page == 12)
    #expect(PicturePath("a[b].tif").page == nil && PicturePath("[2]").page == nil && PicturePath("a[-2]").page == nil)
  }

  @Test("a file whose own name ends with a number in brackets is that file")
  func bracketsInNames() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "scan[1]").path
      try AtomicFile.write(try FormatFixture.bytes("rgb8.tif"), to: path)
      let image = try Image(contentsOf: path)
      #expect(image.channels == 3)
    }
  }

  @Test("colors that are not read are named with a command that converts them")
  func foreignColors() throws {
    let error = #expect(throws: FileError.self) { try Image(contentsOf: FormatFixture.path("lab8.tif")) }
    #expect(
      error?.reason
        == "the TIFF picture cannot be read: colors of kind 8; expected gray, RGB, a palette, CMYK or YCbCr; "
        + "try: magick scan.tif scan.png")
  }

  /// The place of a tag's value in a file of one page and little-endian order.
  private func place(of tag: UInt8, in bytes: [UInt8]) throws -> Int {
    let directory = bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let count = Int(bytes[directory]) | Int(bytes[directory + 1]) << 8
    let entry = (0..<count).map { directory + 2 + 12 * $0 }.first { bytes[$0] == tag && bytes[$0 + 1] == 1 }
    return try #require(entry) + 8
  }

  @Test("directories that lead back to themselves end")
  func cycle() throws {
    var bytes = try FormatFixture.bytes("unsigned8.tif")
    let directory = bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let next = directory + 2 + 12 * (Int(bytes[directory]) | Int(bytes[directory + 1]) << 8)
    bytes.replaceSubrange(next..<next + 4, with: bytes[4..<8])
    let image = try Image(bytes)
    #expect(image.channels == 1)
    for page in [1, 7, 4_000_000_000] {
      let error = bytes.withUnsafeBytes { memory in
        #expect(throws: ImageError.self) { try Image(encoded: memory, page: page) }
      }
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test("a file that claims 40000×40000 pixels, or rows of gigabytes, is refused by its header")
  func bomb() throws {
    var bytes = try FormatFixture.bytes("gray4.tif")
    for tag in [UInt8(0), 1] {  // width, height
      let value = try place(of: tag, in: bytes)
      bytes.replaceSubrange(value..<value + 4, with: [0x40, 0x9C, 0, 0])
    }
    let error = #expect(throws: ImageError.self) { try Image(bytes) }
    #expect(error?.description.hasPrefix("the picture claims 40000×40000 pixels") == true)

    bytes = try FormatFixture.bytes("gray4.tif")
    bytes.replaceSubrange(try place(of: 0, in: bytes)..<place(of: 0, in: bytes) + 4, with: [0, 0x7F, 0, 0])
    bytes.replaceSubrange(try place(of: 21, in: bytes)..<place(of: 21, in: bytes) + 2, with: [0xFF, 0xFF])  // samples
    let wide = #expect(throws: ImageError.self) { try Image(bytes) }
    #expect(wide?.description.contains("\n") == false)
  }

  @Test("a file that is cut short anywhere is an error in one line")
  func truncated() throws {
    for name in ["gray1.tif", "rgb8.tif", "tiled-planar16.tif", "float-predicted.tif", "fax.tif", "jpeg.tif"] {
      let bytes = try FormatFixture.bytes(name)
      var readable = 0
      for count in 0..<bytes.count {
        do {
          _ = try Image(Array(bytes.prefix(count)))
          readable += 1
        } catch let error as ImageError {
          #expect(!error.description.contains("\n"))
        }
      }
      // The last bytes may be values of a directory that are not needed, or a whole plane of 16×16 words that is dropped.
      #expect(readable <= (name == "tiled-planar16.tif" ? 512 : 4), "\(name): \(readable) of \(bytes.count)")
    }
  }

  @Test("damaged files are decoded or refused, and never crash")
  func damaged() throws {
    var random = SplitMix64(state: 9)
    let names = try FileManager.default.contentsOfDirectory(atPath: FormatFixture.folder.path)
    for name in names.sorted() where name.hasSuffix(".tif") {
      let bytes = try FormatFixture.bytes(name)
      for _ in 0..<150 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...5, using: &random) {
          damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let image = try? Image(damaged)
        #expect(image.map { $0.size.count <= Image.maximumPixels } ?? true)
      }
    }
  }
}
