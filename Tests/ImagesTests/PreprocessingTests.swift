import Foundation
import Images
import Tensors
import Testing

@Suite("Preprocessing")
struct PreprocessingTests {
  @Test("tensors agree with timm's evaluation transform, and windowed 16-bit ones with float arithmetic")
  func timm() throws {
    let expected = try Expected.load().tensors
    #expect(expected.count == 15)
    for input in expected {
      let image = try fixture(input.file)
      let preprocessing = Preprocessing(
        size: ImageSize(height: input.height, width: input.width),
        fit: input.squash ? .squash : .crop(fraction: input.fraction),
        interpolation: try #require(Interpolation(rawValue: input.interpolation)),
        window: input.window.flatMap { Window(low: $0[0], high: $0[1]) })
      let tensor = try preprocessing(image)
      #expect(tensor.shape == [1, 3, input.height, input.width])
      // One gray level of a JPEG decoder is 1/255, divided by the smallest standard deviation.
      let tolerance: Float = input.file.hasSuffix(".jpg") ? 1.01 / 255 / 0.224 : 1e-5
      #expect(largestDifference(tensor.scalars, input.values.floats) < tolerance, "\(input)")
    }
  }

  @Test("the visible rectangle is the part of the picture that the crop keeps")
  func visibleRectangle() {
    // 600×800 → 256×341 → the middle 224×224, from row 16 and column 58 (58.5 to even).
    let cropping = Preprocessing(size: ImageSize(square: 224))
    let shown = cropping.visibleRectangle(of: ImageSize(height: 600, width: 800))
    #expect(abs(shown.left - 58.0 * 800 / 341) < 1e-9 && shown.top == 16.0 * 600 / 256)
    #expect(abs(shown.width - 224.0 * 800 / 341) < 1e-9 && shown.height == 224.0 * 600 / 256)

    let squashing = Preprocessing(size: ImageSize(square: 224), fit: .squash)
    let whole = squashing.visibleRectangle(of: ImageSize(height: 600, width: 800))
    #expect(whole == Rectangle(left: 0, top: 0, width: 800, height: 600))

    // 100 → 80 → padded by 10 on each side to 100.
    let padding = Preprocessing(size: ImageSize(square: 100), fit: .crop(fraction: 1.25))
    let wide = padding.visibleRectangle(of: ImageSize(square: 100))
    #expect(wide == Rectangle(left: -12.5, top: -12.5, width: 125, height: 125))
  }

  @Test("a 16-bit step smaller than an 8-bit level reaches the tensor")
  func precision() throws {
    let image = Image(size: ImageSize(height: 1, width: 2), channels: 1, samples: .words([30000, 30001]))
    let preprocessing = Preprocessing(
      size: ImageSize(height: 1, width: 2), fit: .squash, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    let values = try preprocessing(image).scalars
    #expect(values == [0, 1, 0, 1, 0, 1].map { (30000 + $0) / 65535 })

    var windowed = preprocessing
    windowed.window = Window(center: 30000.5, width: 2)
    #expect(try windowed(image).scalars == [0.25, 0.75, 0.25, 0.75, 0.25, 0.75])
  }

  @Test("a window without extent is none")
  func windows() {
    #expect(Window(low: 3, high: 3) == nil)
    #expect(Window(center: 3, width: -1) == nil)
    #expect(Window(low: .nan, high: 3) == nil)
    #expect(Window(low: 0, high: .infinity) == nil)
    let flat = Image(size: ImageSize(square: 1), channels: 1, samples: .words([7]))
    #expect(Window(spanning: flat) == nil)
    let image = Image(size: ImageSize(height: 1, width: 3), channels: 1, samples: .words([900, 100, 500]))
    #expect(Window(spanning: image) == Window(low: 100, high: 900))
  }

  @Test("the network's view is the tensor without normalisation")
  func networkView() throws {
    let image = try fixture("rgb.jpg")
    let preprocessing = Preprocessing(size: ImageSize(height: 37, width: 30), fit: .crop(fraction: 1))
    let view = preprocessing.networkView(of: image)
    #expect(view.size == preprocessing.size)
    let shown = preprocessing.visibleRectangle(of: image.size)
    #expect(shown.top == 0 && shown.width == 30)
    for y in [0, 20, 36] {
      let start = (y * 53 + Int(shown.left)) * 3
      #expect(Array(view.integers[y * 90..<(y + 1) * 90]) == Array(image.integers[start..<start + 90]))
    }
  }
}
