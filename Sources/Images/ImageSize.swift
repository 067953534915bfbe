/// The extent of a picture or of a map in pixels, height first as in tensors.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int

  /// A size of `height` rows and `width` columns.
  ///
  /// - Precondition: both are positive.
  public init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "a size must be positive, not \(height)×\(width)")
    self.height = height
    self.width = width
  }

  /// A square of `side` rows and columns.
  public init(square side: Int) {
    self.init(height: side, width: side)
  }

  /// The number of pixels.
  public var count: Int { height * width }

  /// The shorter of the two sides.
  public var shorterSide: Int { min(height, width) }

  /// The longer of the two sides.
  public var longerSide: Int { max(height, width) }

  /// `384×512`, height first.
  public var description: String { "\(height)×\(width)" }
}

/// A part of a picture in its pixel coordinates: the left edge of the first pixel is 0, its centre 0.5.
///
/// It may reach beyond the picture, where preprocessing padded it.
public struct Rectangle: Hashable, Sendable {
  /// The distance of the left edge from the picture's left edge.
  public var left: Double
  /// The distance of the upper edge from the picture's upper edge.
  public var top: Double
  /// The extent from left to right.
  public var width: Double
  /// The extent from top to bottom.
  public var height: Double

  /// A rectangle with the given upper left corner and extents.
  public init(left: Double, top: Double, width: Double, height: Double) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
  }

  /// The whole of a picture.
  public init(whole size: ImageSize) {
    self.init(left: 0, top: 0, width: Double(size.width), height: Double(size.height))
  }

  /// The rows of a picture whose centres lie inside, at least one.
  public func rows(of size: ImageSize) -> Range<Int> { Self.pixels(from: top, extent: height, within: size.height) }

  /// The columns of a picture whose centres lie inside, at least one.
  public func columns(of size: ImageSize) -> Range<Int> { Self.pixels(from: left, extent: width, within: size.width) }

  private static func pixels(from start: Double, extent: Double, within count: Int) -> Range<Int> {
    let first = max(0, min(count - 1, Int((start - 0.5).rounded(.up))))
    let end = max(first + 1, min(count, Int((start + extent - 0.5).rounded(.up))))
    return first..<end
  }

  /// This rectangle after the picture was enlarged by a factor along each axis.
  func scaled(horizontally x: Double, vertically y: Double) -> Rectangle {
    Rectangle(left: left * x, top: top * y, width: width * x, height: height * y)
  }
}
