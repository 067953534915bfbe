import Images

/// The pixels of a picture that belong to something.
public struct Region: Sendable, Equatable {
  /// The picture's size.
  public let size: ImageSize
  /// Whether each pixel belongs to it, row by row.
  public private(set) var covered: [Bool]

  /// The given pixels.
  ///
  /// - Precondition: one value for each pixel.
  public init(size: ImageSize, covered: [Bool]) {
    precondition(covered.count == size.count, "\(covered.count) values cannot cover \(size)")
    self.size = size
    self.covered = covered
  }

  /// The pixels of a mask picture that are brighter than half of white, in the red channel where it has colors.
  public init(mask: Image) {
    let threshold = (mask.range.low + mask.range.high) / 2
    let channels = mask.channels
    let covered: [Bool] =
      switch mask.samples {
      case .bytes(let bytes): (0..<mask.size.count).map { Double(bytes[$0 * channels]) > threshold }
      case .words(let words): (0..<mask.size.count).map { Double(words[$0 * channels]) > threshold }
      case .floats(let floats): (0..<mask.size.count).map { Double(floats[$0 * channels]) > threshold }
      }
    self.init(size: mask.size, covered: covered)
  }

  /// The pixels whose centres lie in a box.
  public init(box: Rectangle, size: ImageSize) {
    var covered = [Bool](repeating: false, count: size.count)
    for row in Self.pixels(from: box.top, extent: box.height, within: size.height) {
      for column in Self.pixels(from: box.left, extent: box.width, within: size.width) {
        covered[row * size.width + column] = true
      }
    }
    self.init(size: size, covered: covered)
  }

  private static func pixels(from start: Double, extent: Double, within count: Int) -> Range<Int> {
    func edge(_ value: Double) -> Int { Int(max(0, min(Double(count), (value - 0.5).rounded(.up)))) }
    let first = edge(start)
    return first..<max(first, edge(start + extent))
  }

  /// The number of its pixels.
  public var count: Int { covered.count { $0 } }

  /// This region and another one of the same picture.
  public func union(_ other: Region) -> Region {
    precondition(size == other.size, "regions of \(size) and \(other.size) are not of one picture")
    return Region(size: size, covered: zip(covered, other.covered).map { $0 || $1 })
  }

  /// Whether a pixel of it is at most so far from a place, centre to centre.
  public func reaches(row: Int, column: Int, within distance: Int) -> Bool {
    for y in max(0, row - distance)...min(size.height - 1, row + distance) {
      for x in max(0, column - distance)...min(size.width - 1, column + distance) where covered[y * size.width + x] {
        if (y - row) * (y - row) + (x - column) * (x - column) <= distance * distance { return true }
      }
    }
    return false
  }

  /// The smallest box around all its pixels; nil where it has none.
  public var box: Rectangle? {
    let rows = (0..<size.height).filter { row in covered[row * size.width..<(row + 1) * size.width].contains(true) }
    let columns = (0..<size.width).filter { column in
      (0..<size.height).contains { covered[$0 * size.width + column] }
    }
    guard let top = rows.first, let bottom = rows.last, let left = columns.first, let right = columns.last else {
      return nil
    }
    return Rectangle(
      left: Double(left), top: Double(top), width: Double(right - left + 1), height: Double(bottom - top + 1))
  }
}
