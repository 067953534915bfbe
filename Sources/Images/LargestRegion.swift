import Tensors

/// The largest connected part of a heatmap whose values are above a fraction of its maximum; pixels that touch at a
/// corner are connected. The box around it is how the Grad-CAM paper localises an object, with 15 % (Selvaraju et al.
/// 2017, section 4.1).
public struct LargestRegion: Equatable, Sendable {
  /// The rows that the region spans.
  public private(set) var rows: Range<Int>
  /// The columns that the region spans.
  public private(set) var columns: Range<Int>
  /// The pixels of the region.
  public private(set) var pixelCount: Int

  /// The largest region of a map; nil when nothing in it is positive.
  ///
  /// - Parameter map: H×W, or one such map with leading axes of 1.
  public init?(of map: Tensor, aboveFractionOfMaximum fraction: Float = 0.15) {
    let (height, width) = (map.shape[-2], map.shape[-1])
    precondition(map.count == height * width, "one map is looked at at a time, not \(map.shape)")
    let values = map.scalars
    let maximum = values.reduce(0) { $1 > $0 ? $1 : $0 }
    guard maximum > 0 else { return nil }
    var isOpen = values.map { $0 > fraction * maximum }
    var largest: LargestRegion?
    for start in values.indices where isOpen[start] {
      let region = Self.filled(from: start, &isOpen, height: height, width: width)
      if region.pixelCount > (largest?.pixelCount ?? 0) { largest = region }
    }
    guard let largest else { return nil }
    self = largest
  }

  private init(pixel: Int, width: Int) {
    rows = pixel / width..<pixel / width + 1
    columns = pixel % width..<pixel % width + 1
    pixelCount = 0
  }

  /// The box around the region in the map's pixels.
  public var box: Rectangle {
    Rectangle(
      left: Double(columns.lowerBound), top: Double(rows.lowerBound), width: Double(columns.count),
      height: Double(rows.count))
  }

  /// Closes all open pixels that are connected with one, and says where they lie.
  private static func filled(from start: Int, _ isOpen: inout [Bool], height: Int, width: Int) -> LargestRegion {
    var region = LargestRegion(pixel: start, width: width)
    var pending = [start]
    isOpen[start] = false
    while let pixel = pending.popLast() {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
      region.pixelCount += 1
      region.rows = min(region.rows.lowerBound, row)..<max(region.rows.upperBound, row + 1)
      region.columns = min(region.columns.lowerBound, column)..<max(region.columns.upperBound, column + 1)
      for y in max(0, row - 1)...min(height - 1, row + 1) {
        for x in max(0, column - 1)...min(width - 1, column + 1) where isOpen[y * width + x] {
          isOpen[y * width + x] = false
          pending.append(y * width + x)
        }
      }
    }
    return region
  }
}
