import Tensors

/// Cuts off what is larger than nearly all of a map, so that a few outlier places do not darken all the rest: tokens of
/// large norm that show nothing are known of vision transformers (Darcet et al. 2024, "Vision transformers need registers").
public struct Clipping: Sendable, Hashable {
  /// The percentile of a map's values that larger ones become, above 0 and below 100.
  public let percentile: Double

  /// Clipping at a percentile; nil where it is not above 0 and below 100.
  public init?(percentile: Double) {
    guard percentile > 0, percentile < 100 else { return nil }
    self.percentile = percentile
  }

  /// Each map of B×H×W after ReLU, none of its values above the percentile. The percentile is interpolated linearly, as
  /// `numpy.percentile` does it, over all places. A map of which so little is positive that it is 0 stays as it is: nothing
  /// would be left to see.
  ///
  /// - Parameter keepsSigns: whether there is no ReLU, and magnitudes are clipped.
  func callAsFunction(_ maps: Tensor, keepsSigns: Bool = false) -> Tensor {
    var result = keepsSigns ? maps : maps.relu()
    let size = maps.shape[1] * maps.shape[2]
    result.withMutableScalars { scalars in
      for start in stride(from: 0, to: scalars.count, by: size) {
        let limit = Self.value(
          at: percentile, of: scalars[start..<start + size].filter(\.isFinite).map { abs($0) }.sorted())
        guard limit > 0 else { continue }
        for place in start..<start + size where scalars[place].isFinite {
          scalars[place] = max(-limit, min(scalars[place], limit))
        }
      }
    }
    return result
  }

  /// The value at a percentile of values in increasing order; 0 where there are none.
  private static func value(at percentile: Double, of sorted: [Float]) -> Float {
    guard let last = sorted.indices.last else { return 0 }
    let place = percentile / 100 * Double(last)
    let below = Int(place)
    let share = Float(place - Double(below))
    return sorted[below] + share * (sorted[min(last, below + 1)] - sorted[below])
  }
}
