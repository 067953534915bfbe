import Foundation
import Images
import Tensors
import Testing

@Suite("Resizing")
struct ResizeTests {
  @Test("8-bit pictures are resized exactly as Pillow resizes them")
  func pillow() throws {
    let expected = try Expected.load().resizes
    #expect(expected.count == 28)
    for resized in expected {
      let interpolation = try #require(Interpolation(rawValue: resized.interpolation))
      let image = try fixture(resized.file)
        .resized(to: ImageSize(height: resized.height, width: resized.width), interpolation)
      // Decoders may differ by a level, and so then may what is made of their pictures.
      let tolerance = resized.file.hasSuffix(".jpg") ? 1 : 0
      let difference = largestDifference(image.integers, resized.samples.map(Int.init))
      #expect(difference <= tolerance, "\(resized.file) \(image.size) \(interpolation)")
    }
  }

  @Test("16-bit pictures are resized as 8-bit ones are, with their precision")
  func words() throws {
    let bytes = try fixture("gray8.png")
    let words = Image(size: bytes.size, channels: 1, samples: .words(bytes.integers.map { UInt16($0 * 257) }))
    for interpolation in Interpolation.allCases {
      let size = ImageSize(height: 7, width: 30)
      let coarse = bytes.resized(to: size, interpolation).integers
      let fine = words.resized(to: size, interpolation).integers
      // Rounding and clipping between the passes cost 8-bit samples up to two levels.
      #expect(largestDifference(coarse.map { $0 * 257 }, fine) <= 2 * 257)
      #expect(fine.contains { $0 % 257 != 0 })
    }
  }

  @Test("maps are resized as OpenCV resizes them")
  func openCV() throws {
    let expected = try Expected.load().maps
    #expect(expected.count == 15)
    for resized in expected {
      let interpolation = try #require(MapInterpolation(rawValue: resized.interpolation))
      let map = Tensor(resized.map.floats, shape: [5, 7])
      let size = ImageSize(height: resized.height, width: resized.width)
      let difference = largestDifference(map.resizedMaps(to: size, interpolation).scalars, resized.values.floats)
      #expect(difference < 1e-5, "\(interpolation) \(size)")
    }
  }

  @Test("each map of a batch is resized as if it were alone")
  func batch() {
    let maps = Tensor((0..<24).map { Float($0 * $0 % 17) }, shape: [2, 1, 3, 4])
    let together = maps.resizedMaps(to: ImageSize(height: 8, width: 9), .bicubic)
    #expect(together.shape == [2, 1, 8, 9])
    for index in 0..<2 {
      let alone = maps.samples(index..<index + 1).resizedMaps(to: ImageSize(height: 8, width: 9), .bicubic)
      #expect(alone.scalars == together.samples(index..<index + 1).scalars)
    }
  }

  @Test("Aligned corners are torch's")
  func alignedCorners() {
    let map = Tensor([1, 2, 4, 3, -1, 0], shape: [1, 2, 3])
    let expected: [Float] = [1, 1.5, 2, 3, 4, 2, 1.25, 0.5, 1.25, 2, 3, 1, -1, -0.5, 0]
    #expect(map.resizedMapsAligningCorners(to: ImageSize(height: 3, width: 5)).scalars == expected)
    #expect(map.resizedMapsAligningCorners(to: ImageSize(height: 1, width: 1)).scalars == [1])
  }
}
