import Images
import Tensors

/// How well the box that is found in a map agrees with the object's (Selvaraju et al. 2017, section 4.1): the box around the
/// largest connected part above 15 % of the maximum.
public enum BoxOverlap {
  /// See ``MeasureDescription``.
  public static let description = MeasureDescription(
    "box-iou", better: .higher,
    "intersection over union of the object's box and the one around the map's largest part above 15 % of its maximum")

  /// The intersection over union, from 0 to 1; 0 for a map without a positive value.
  ///
  /// - Parameter map: the map at every pixel of the picture, H×W.
  public static func intersectionOverUnion(_ map: Tensor, _ box: Rectangle) -> Float {
    guard let found = LargestRegion(of: map)?.box else { return 0 }
    let width = min(found.left + found.width, box.left + box.width) - max(found.left, box.left)
    let height = min(found.top + found.height, box.top + box.height) - max(found.top, box.top)
    let common = max(0, width) * max(0, height)
    let union = found.width * found.height + box.width * box.height - common
    return union > 0 ? Float(common / union) : 0
  }
}
