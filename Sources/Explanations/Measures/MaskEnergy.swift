import Images
import Tensors

/// The share of a map's values that lies on the object (Wang et al. 2020, Score-CAM, section 4.3: the energy-based pointing
/// game).
public enum MaskEnergy {
  /// See ``MeasureDescription``.
  public static let description = MeasureDescription(
    "energy", better: .higher, "sum of the map inside the object's mask or box / its sum (Wang et al. 2020)")

  /// The share, from 0 to 1; 0 for a map without a positive value.
  ///
  /// - Parameter map: the map at every pixel of the picture, H×W.
  public static func share(_ map: Tensor, _ region: Region) -> Float {
    precondition(map.count == region.size.count, "a map of \(map.shape) does not cover \(region.size)")
    var (inside, sum) = (0.0, 0.0)
    map.withScalars { values in
      for (pixel, value) in values.enumerated() where value > 0 {
        sum += Double(value)
        if region.covered[pixel] { inside += Double(value) }
      }
    }
    return sum > 0 ? Float(inside / sum) : 0
  }
}
