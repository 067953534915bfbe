import Tensors

/// How much of what relevance starts from arrives in a map.
public struct Completeness: Sendable, Hashable {
  /// What relevance starts from: each logit times the target's gradient with respect to it. For a class it is its logit.
  public let start: Float
  /// The sum of the map, signs counted.
  public let sum: Float

  /// What a map accounts for.
  init(_ map: Tensor, of target: ScoreTarget, logits: [Float]) throws(TargetError) {
    let (_, seed) = try target(logits)
    start = zip(seed, logits).reduce(0) { $0 + $1.0 * $1.1 }
    sum = map.scalars.reduce(0, +)
  }

  /// What biases and stabilisers took: the part of the start that is not in the map.
  public var taken: Float { start - sum }

  /// That as a share of the start; negative where the map has more than that. 0 where relevance starts from nothing.
  public var takenShare: Float { start == 0 ? 0 : taken / start }
}
