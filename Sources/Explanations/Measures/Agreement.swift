import Tensors

/// How far two heatmaps of one picture agree.
public struct Agreement: Sendable {
  /// The order of their pixels.
  public static let spearman = MeasureDescription(
    "spearman", better: .higher, "Spearman's rank correlation of all pixels, equal values at their mean rank")
  /// Their most important pixels.
  public static let overlap = MeasureDescription(
    "overlap", better: .higher, "intersection over union of the top 20 % of the pixels, equal values in row order")
  /// Their structure.
  public static let similarity = MeasureDescription(
    "ssim", better: .higher,
    "structural similarity (Wang et al. 2004): Gaussian window of 11×11, sigma 1.5, range 1, mean over whole windows")

  /// Spearman's rank correlation of all pixels, from −1 to 1.
  public let spearman: Float
  /// The intersection over union of the most important fifths of their pixels, from 0 to 1.
  public let overlap: Float
  /// The structural similarity, at most 1.
  public let similarity: Float

  /// Compares two maps of one size, H×W, from 0 to 1.
  public init(_ a: Tensor, _ b: Tensor) {
    precondition(a.shape == b.shape && a.shape.rank == 2, "expected H×W twice, found \(a.shape) and \(b.shape)")
    spearman = Correlation.spearman(a.scalars, b.scalars)
    overlap = Self.overlap(a, b, share: 0.2)
    similarity = StructuralSimilarity()(a, b)
  }

  /// The intersection over union of the pixels that make up the most important share of each map, rounded to whole pixels.
  public static func overlap(_ a: Tensor, _ b: Tensor, share: Double) -> Float {
    let count = max(1, Int((share * Double(a.count)).rounded()))
    let first = Set(PixelOrder(a).pixels.prefix(count))
    let common = first.intersection(PixelOrder(b).pixels.prefix(count)).count
    return Float(common) / Float(2 * count - common)
  }
}
