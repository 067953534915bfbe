import Images
import Tensors
import Testing

@testable import Reports

/// Maps brought back to the geometry of the original picture.
@Suite struct PlaneMapTests {
  /// A black picture of 300×500 with a white rectangle, columns 240 to 300 and rows 90 to 150.
  private var marked: Image {
    var bytes = [UInt8](repeating: 0, count: 300 * 500)
    for row in 90..<150 { for column in 240..<300 { bytes[row * 500 + column] = 255 } }
    return Image(size: ImageSize(height: 300, width: 500), channels: 1, samples: .bytes(bytes))
  }

  /// A heatmap that marks exactly what a model sees of the rectangle.
  private func plane(_ preprocessing: Preprocessing) throws -> PlaneMap {
    var plain = preprocessing
    (plain.mean, plain.standardDeviation) = ([0, 0, 0], [1, 1, 1])
    let heatmap = try plain(marked)[0][0]
    return PlaneMap(
      heatmap, visible: preprocessing.visibleRectangle(of: marked.size), of: marked.size)
  }

  /// The mean place of a map's values, in pixels of the plane.
  private func center(of plane: PlaneMap) -> (x: Double, y: Double) {
    var (sum, x, y) = (0.0, 0.0, 0.0)
    let values = plane.values.scalars
    for (row, planeRow) in plane.rows.enumerated() {
      for (column, planeColumn) in plane.columns.enumerated() {
        let value = Double(values[row * plane.columns.count + column])
        sum += value
        x += value * (Double(planeColumn) + 0.5)
        y += value * (Double(planeRow) + 0.5)
      }
    }
    return (x / sum, y / sum)
  }

  @Test(
    "Models of any input size and crop mark the same original pixels",
    arguments: [
      Preprocessing(size: ImageSize(height: 224, width: 224), fit: .crop(fraction: 0.875)),
      Preprocessing(size: ImageSize(height: 384, width: 384), fit: .crop(fraction: 1)),
      Preprocessing(size: ImageSize(height: 96, width: 160), fit: .squash),
      Preprocessing(size: ImageSize(height: 128, width: 128), fit: .crop(fraction: 1.6)),
    ])
  func samePixels(_ preprocessing: Preprocessing) throws {
    // The plane is 134×224, so the rectangle's middle, 270 and 120 in the picture, is at 120.96 and 53.6.
    let center = center(of: try plane(preprocessing))
    #expect(abs(center.x - 120.96) < 0.5, "\(center)")
    #expect(abs(center.y - 53.6) < 0.5, "\(center)")
  }

  @Test("Maps of models with other sizes and crops agree where they mark the same, and not where they do not")
  func agreement() throws {
    let cropped = try plane(Preprocessing(size: ImageSize(height: 224, width: 224), fit: .crop(fraction: 0.875)))
    let whole = try plane(Preprocessing(size: ImageSize(height: 96, width: 160), fit: .squash))
    let same = try #require(cropped.agreement(with: whole))
    #expect(same.similarity > 0.9, "\(same)")
    // The same heatmap, as if the crop were not known, lies elsewhere.
    let shifted = PlaneMap(
      try plainHeatmap(ImageSize(height: 224, width: 224)), visible: Rectangle(whole: marked.size), of: marked.size)
    let other = try #require(shifted.agreement(with: whole))
    #expect(other.similarity < same.similarity - 0.05, "\(other) \(same)")
  }

  private func plainHeatmap(_ size: ImageSize) throws -> Tensor {
    try Preprocessing(size: size, fit: .crop(fraction: 0.875), mean: [0, 0, 0], standardDeviation: [1, 1, 1])(marked)[
      0][0]
  }

  @Test("What a model did not see is no part of its map")
  func seen() {
    let square = Preprocessing(size: ImageSize(height: 100, width: 100), fit: .crop(fraction: 1))
    let size = ImageSize(height: 200, width: 400)
    let plane = PlaneMap(
      Tensor(repeating: 1, shape: [100, 100]), visible: square.visibleRectangle(of: size), of: size)
    #expect(plane.size == ImageSize(height: 112, width: 224))
    #expect(plane.columns == 56..<168)
    #expect(plane.rows == 0..<112)
    #expect(plane.values.shape == [112, 112])
    #expect(plane.values.scalars.allSatisfy { $0 == 1 })
    let left = PlaneMap(
      Tensor(repeating: 1, shape: [10, 10]), visible: Rectangle(left: 0, top: 0, width: 50, height: 200), of: size)
    #expect(left.agreement(with: plane) == nil)
  }

  @Test("The gray picture of a map with signs has its zero in the middle")
  func signs() {
    let size = ImageSize(height: 1, width: 4)
    let plane = PlaneMap(
      Tensor([-1, 0, 1, -0.5], shape: [1, 4]), isSigned: true, visible: Rectangle(whole: size), of: size)
    #expect(plane.values.scalars == [-1, 0, 1, -0.5])
    #expect(plane.picture == Image(size: size, channels: 1, samples: .bytes([0, 128, 255, 64])))
  }

  @Test("A small picture keeps its size, and a strip has at least a row")
  func planes() {
    #expect(PlaneMap.plane(of: ImageSize(height: 96, width: 96)) == ImageSize(height: 96, width: 96))
    #expect(PlaneMap.plane(of: ImageSize(height: 1, width: 4000)) == ImageSize(height: 1, width: 224))
  }
}
