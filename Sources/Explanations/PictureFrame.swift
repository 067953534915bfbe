import Images

/// A picture's size, and the part of it that a model sees: what its pixels are to the places of a model's outputs.
public struct PictureFrame: Sendable, Equatable {
  /// The picture's size.
  public let size: ImageSize
  /// The part that the model sees, in the picture's pixels; it may reach beyond them where the picture was padded.
  public let visible: Rectangle

  /// The frame of a picture.
  public init(size: ImageSize, visible: Rectangle) {
    self.size = size
    self.visible = visible
  }

  /// The frame of a picture that goes through a preprocessing.
  public init(of size: ImageSize, _ preprocessing: Preprocessing) {
    self.init(size: size, visible: preprocessing.visibleRectangle(of: size))
  }

  /// The frame of an input that is seen as it is.
  public init(whole size: ImageSize) {
    self.init(
      size: size, visible: Rectangle(left: 0, top: 0, width: Double(size.width), height: Double(size.height)))
  }

  /// The places of a grid over what the model sees whose centres lie in a region of the picture.
  func places(of grid: ImageSize, in region: Region) -> [Int] {
    (0..<grid.count).filter { place in
      let x = visible.left + (Double(place % grid.width) + 0.5) / Double(grid.width) * visible.width
      let y = visible.top + (Double(place / grid.width) + 0.5) / Double(grid.height) * visible.height
      guard x >= 0, y >= 0, x < Double(size.width), y < Double(size.height) else { return false }
      return region.covered[Int(y) * size.width + Int(x)]
    }
  }

  /// The place of a grid over what the model sees that holds the middle of a pixel; nil for pixels that it does not see.
  func place(of grid: ImageSize, column: Int, row: Int) -> Int? {
    let x = (Double(column) + 0.5 - visible.left) / visible.width
    let y = (Double(row) + 0.5 - visible.top) / visible.height
    guard (0..<size.width).contains(column), (0..<size.height).contains(row), x >= 0, y >= 0, x < 1, y < 1 else {
      return nil
    }
    return Int(y * Double(grid.height)) * grid.width + Int(x * Double(grid.width))
  }
}
