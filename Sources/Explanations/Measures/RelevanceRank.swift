import Images
import Tensors

/// Relevance rank accuracy (Arras, Osman, Samek 2022, equation 3): of the map's most important pixels, as many as the object
/// has, the share that lies on the object.
public enum RelevanceRank {
  /// See ``MeasureDescription``.
  public static let description = MeasureDescription(
    "rank", better: .higher,
    "share of the k most important pixels on the object, k being its number of pixels (relevance rank accuracy)")

  /// The share, from 0 to 1. Of equal values the first ones count, row by row; pixels without a positive value do not.
  ///
  /// - Parameter map: the map at every pixel of the picture, H×W.
  public static func accuracy(_ map: Tensor, _ region: Region) -> Float {
    precondition(map.count == region.size.count, "a map of \(map.shape) does not cover \(region.size)")
    let count = region.count
    guard count > 0 else { return 0 }
    let values = map.scalars
    let hits = PixelOrder(map).pixels.prefix(count).count { region.covered[$0] && values[$0] > 0 }
    return Float(hits) / Float(count)
  }
}
