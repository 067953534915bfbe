import Tensors

/// Average drop and increase in confidence (Chattopadhay et al. 2018, section 4.1): what the model still believes when it
/// sees the picture through its own explanation.
///
/// The normalised input is multiplied by the heatmap, as pytorch-grad-cam does it, so that what is dark in the map becomes
/// the mean color; the drop is a share of the confidence in the whole picture, as in the paper.
public struct ConfidenceChange: Sendable {
  /// The drop; its mean over pictures is the average drop.
  public static let drop = MeasureDescription(
    "drop", better: .lower,
    "max(0, y − o) / y of the probability, o that of the normalised input times the map (Chattopadhay et al. 2018)")
  /// Whether the confidence rose; its mean over pictures is the increase in confidence.
  public static let increase = MeasureDescription(
    "increase", better: .higher, "share of maps with o > y, of the same probabilities (Chattopadhay et al. 2018)")

  /// The score of the whole picture.
  public let whole: Float
  /// The score of the picture times the map.
  public let masked: Float

  /// Measures what is left of a score.
  ///
  /// - Parameters:
  ///   - heatmap: from 0 to 1, H×W.
  ///   - input: the preprocessed picture, 1×3×H×W.
  ///   - scorer: what is asked of which model.
  /// - Throws: `RunError`, ``TargetError``.
  public init(_ heatmap: Tensor, input: Tensor, _ scorer: Scorer) throws {
    let scores = try scorer(Tensor.joined([input, input.masked(by: heatmap)]))
    self.init(whole: scores[0], masked: scores[1])
  }

  /// The change from one score to another.
  public init(whole: Float, masked: Float) {
    self.whole = whole
    self.masked = masked
  }

  /// The share of the score that is lost, from 0 to 1; 0 where nothing is lost or there was nothing to lose.
  public var drop: Float { whole > 0 ? min(1, max(0, whole - masked) / whole) : 0 }

  /// Whether the score rose.
  public var isIncrease: Bool { masked > whole }
}

extension Tensor {
  /// A picture, 1×C×H×W, times a map, H×W.
  func masked(by heatmap: Tensor) -> Tensor {
    let planes = reshaped(to: [count / heatmap.count, heatmap.count])
    return (planes * heatmap.reshaped(to: [1, heatmap.count]).broadcast(toBatch: planes.batchCount)).reshaped(to: shape)
  }

  /// Batches one after another.
  static func joined(_ batches: [Tensor]) -> Tensor {
    precondition(!batches.isEmpty, "nothing to join")
    let shape = batches[0].shape.perSample.batched(batches.reduce(0) { $0 + $1.batchCount })
    return Tensor(unfilled: shape) { result in
      var start = 0
      for batch in batches {
        batch.withScalars { (result.base + start).update(from: $0.base, count: $0.count) }
        start += batch.count
      }
    }
  }
}
