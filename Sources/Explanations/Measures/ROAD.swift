import Images
import Tensors

/// ROAD, remove and debias (Rong et al. 2022): how the score changes when the most, and when the least important pixels are
/// replaced by what their surroundings suggest.
///
/// pytorch-grad-cam's variant: for each percentile p, *most relevant first* removes the pixels whose value is at least the
/// p-th percentile of the map, *least relevant first* does the same with 1 − map; both are the mean change of the score
/// over the percentiles, and *combined* is (least − most) / 2.
public struct ROAD: Sendable {
  /// The change when the most relevant pixels go.
  public static let mostRelevantFirst = MeasureDescription(
    "road-morf", better: .lower,
    "mean change of the probability when the most relevant 10 to 90 % are replaced by noisy linear imputation (ROAD)")
  /// The change when the least relevant pixels go.
  public static let leastRelevantFirst = MeasureDescription(
    "road-lerf", better: .higher,
    "mean change of the probability when the least relevant 10 to 90 % are replaced by noisy linear imputation (ROAD)")
  /// Half the difference of the two.
  public static let combined = MeasureDescription(
    "road", better: .higher, "(least relevant first − most relevant first) / 2, as pytorch-grad-cam combines them")

  /// The percentiles of the map at which it is cut.
  public let percentiles: [Double]
  /// What takes the place of the pixels that are removed.
  public let imputation: LinearImputation

  /// ROAD at the given percentiles.
  public init(
    percentiles: [Double] = [10, 20, 30, 40, 50, 60, 70, 80, 90], imputation: LinearImputation = LinearImputation()
  ) {
    precondition(!percentiles.isEmpty && percentiles.allSatisfy((0...100).contains), "percentiles lie in 0...100")
    self.percentiles = percentiles
    self.imputation = imputation
  }

  /// What ROAD gives for a map.
  public struct Result: Sendable {
    /// The changes of the score when the most relevant pixels go, one for each percentile.
    public let mostRelevantChanges: [Float]
    /// The changes of the score when the least relevant pixels go, one for each percentile.
    public let leastRelevantChanges: [Float]

    /// The mean change when the most relevant pixels go.
    public var mostRelevantFirst: Float { mean(mostRelevantChanges) }
    /// The mean change when the least relevant pixels go.
    public var leastRelevantFirst: Float { mean(leastRelevantChanges) }
    /// Half the difference.
    public var combined: Float { (leastRelevantFirst - mostRelevantFirst) / 2 }

    private func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
  }

  /// The changes of the score.
  ///
  /// - Parameters:
  ///   - heatmap: from 0 to 1, H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - scorer: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  public func callAsFunction(_ heatmap: Tensor, input: Tensor, _ scorer: Scorer) throws -> Result {
    let scores = try scorer(Tensor.joined([input, pictures(heatmap, input: input)]))
    let changes = scores.dropFirst().map { $0 - scores[0] }
    return Result(
      mostRelevantChanges: Array(changes.prefix(percentiles.count)),
      leastRelevantChanges: Array(changes.suffix(percentiles.count)))
  }

  /// The pictures that the model is asked about: for each percentile the one without the most relevant pixels, then for each
  /// the one without the least relevant ones, 2P×3×H×W.
  public func pictures(_ heatmap: Tensor, input: Tensor) -> Tensor {
    let values = heatmap.scalars
    let masks = [values, values.map { 1 - $0 }].flatMap { values in
      let sorted = values.sorted()
      return percentiles.map { percentile in
        let threshold = Self.percentile(percentile, ofSorted: sorted)
        return values.map { !($0 < threshold) }
      }
    }
    return imputed(input, size: ImageSize(height: heatmap.shape[-2], width: heatmap.shape[-1]), masks)
  }

  /// The picture once for each mask, with the masked pixels made up: M×3×H×W. The masks are shared out to the threads.
  private func imputed(_ input: Tensor, size: ImageSize, _ masks: [[Bool]]) -> Tensor {
    let count = input.count
    return Tensor(unfilled: [masks.count, count / size.count, size.height, size.width]) { result in
      input.withScalars { source in
        Workers.current.forEach(masks.count) { index in
          let picture = UnsafeMutableBufferPointer(rebasing: result[index * count..<(index + 1) * count])
          picture.base.update(from: source.base, count: count)
          imputation.fill(picture, size: size, missing: masks[index])
        }
      }
    }
  }

  /// The percentile of sorted values with linear interpolation, as NumPy computes it in single precision.
  static func percentile(_ percentile: Double, ofSorted values: [Float]) -> Float {
    let position = Float(percentile) / 100 * Float(values.count - 1)
    let below = max(0, min(Int(position.rounded(.down)), values.count - 1))
    let (a, b) = (values[below], values[min(below + 1, values.count - 1)])
    let fraction = position - Float(below)
    return fraction < 0.5 ? a + (b - a) * fraction : b - (b - a) * (1 - fraction)
  }
}
