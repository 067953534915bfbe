#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ScoreTarget {
  /// The score of a class before softmax.
  public static func logit(_ index: Int) -> ScoreTarget {
    ScoreTarget("logit \(index)", class: index, isLogit: true, named: { $0(index) }) { logits in
      (logits[index], oneHot(index, logits.count))
    }
  }

  /// An output that is no class: of a regression, for example.
  public static func output(_ index: Int) -> ScoreTarget {
    ScoreTarget("output \(index)", class: index, named: { _ in "output \(index)" }) { outputs in
      (outputs[index], oneHot(index, outputs.count))
    }
  }

  /// The probability of a class, after softmax: also asks what speaks against the other classes.
  public static func probability(_ index: Int) -> ScoreTarget {
    ScoreTarget("probability of \(index)", class: index, named: { "probability of \($0(index))" }) { logits in
      let probabilities = softmax(logits)
      let p = probabilities[index]
      return (p, probabilities.enumerated().map { $0 == index ? p * (1 - p) : -p * $1 })
    }
  }

  /// log p / (1 − p) of a class's probability after softmax, which is its score less the logarithm of the sum of all other
  /// powers: like the probability, but its gradient does not vanish where the model is sure. With a single output, that is
  /// the output.
  public static func logOdds(_ index: Int) -> ScoreTarget {
    ScoreTarget("log-odds of \(index)", class: index, named: { "log-odds of \($0(index))" }) { logits in
      let others = logits.indices.filter { $0 != index }
      guard let largest = others.map({ logits[$0] }).max() else { return (logits[index], [1]) }
      let powers = others.map { exp(logits[$0] - largest) }
      let sum = powers.reduce(0, +)
      var gradient = oneHot(index, logits.count)
      for (other, power) in zip(others, powers) { gradient[other] = -power / sum }
      return (logits[index] - largest - log(sum), gradient)
    }
  }

  /// 1 / (1 + exp(−z)) of a class's score: its probability where classes do not exclude each other (multi-label models).
  public static func sigmoid(_ index: Int) -> ScoreTarget {
    ScoreTarget("sigmoid of \(index)", class: index, named: { "probability of \($0(index))" }) { logits in
      let p = 1 / (1 + exp(-logits[index]))
      return (p, oneHot(index, logits.count).map { $0 * p * (1 - p) })
    }
  }

  /// Why one class rather than another: the difference of their scores.
  public static func contrast(_ index: Int, _ other: Int) -> ScoreTarget {
    ScoreTarget(
      "logit \(index) - logit \(other)", class: index, named: { "\($0(index)) rather than \($0(other))" }
    ) { logits in
      guard logits.indices.contains(other) else { return (0, []) }
      var gradient = oneHot(index, logits.count)
      gradient[other] -= 1
      return (logits[index] - logits[other], gradient)
    }
  }

  /// Why not a class: the negative of its score (Selvaraju et al. 2017, section 3.3, counterfactual explanations). The map
  /// shows what speaks against it.
  public static func counterfactual(_ index: Int) -> ScoreTarget {
    ScoreTarget("- logit \(index)", class: index, named: { "not \($0(index))" }) { logits in
      (-logits[index], oneHot(index, logits.count).map { -$0 })
    }
  }

  private static func oneHot(_ index: Int, _ count: Int) -> [Float] {
    (0..<count).map { $0 == index ? 1 : 0 }
  }
}

/// exp(z) / Σ exp(z).
func softmax(_ logits: [Float]) -> [Float] {
  let largest = logits.max() ?? 0
  let powers = logits.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
