import Images
import Tensors

/// The pointing game (Zhang et al. 2016): whether the map's maximum lies on the object. Of several equal maxima the first
/// one counts, row by row; a map without a positive value misses.
public struct PointingGame: Sendable {
  /// The strict variant.
  public static let inside = MeasureDescription(
    "pointing", better: .higher, "share of maps whose maximum lies inside the object's mask or box")
  /// The tolerant variant.
  public static let near = MeasureDescription(
    "pointing-15px", better: .higher,
    "share of maps whose maximum lies within 15 pixels of the picture of the object (Zhang et al. 2016)")

  /// Whether the maximum lies inside.
  public let isInside: Bool
  /// Whether it lies within 15 pixels.
  public let isNear: Bool

  /// Plays the game.
  ///
  /// - Parameter map: the map at every pixel of the picture, H×W, see `Tensor.laid(over:covering:)`.
  public init(_ map: Tensor, _ region: Region) {
    precondition(map.count == region.size.count, "a map of \(map.shape) does not cover \(region.size)")
    let (value, pixel) = map.withScalars { values in
      values.indices.reduce((Float(0), -1)) { values[$1] > $0.0 ? (values[$1], $1) : $0 }
    }
    guard value > 0 else {
      isInside = false
      isNear = false
      return
    }
    isInside = region.covered[pixel]
    isNear =
      isInside || region.reaches(row: pixel / region.size.width, column: pixel % region.size.width, within: 15)
  }
}
