import Checkpoints

/// What a training keeps beside its model, in modules of the program that trained: weights of classes in a loss, counters of
/// a metric. No model computes with them.
extension CheckpointReading {
  /// Words in the name of a member of a program that say that it is no part of the model.
  private static let words: Set<String> = [
    "criterion", "loss", "losses", "objective", "metric", "metrics", "acc", "accuracy", "auroc", "auc", "confmat",
    "confusion", "precision", "recall", "f1", "f1score", "specificity", "kappa",
  ]

  /// Without them; a note says what was left out.
  func withoutBuffersOfTraining() -> CheckpointReading {
    let buffers = weights.names.filter { isBuffer($0) }
    guard let first = buffers.first else { return self }
    var result = self
    result.weights = weights.removing { isBuffer($0) }
    let others = buffers.count > 1 ? " and \(buffers.count - 1) more are" : " is"
    result.weights.note("key '\(first.printable)'\(others) left out: of a loss or a metric, no part of the model")
    return result
  }

  /// Whether a name says so: in its first part, because a model's own layers may be called anything.
  private func isBuffer(_ name: String) -> Bool {
    let owner = name.split(separator: ".").first ?? ""
    return name.utf8.count > owner.utf8.count
      && owner.lowercased().split { "_-".contains($0) }.contains { Self.words.contains(String($0)) }
  }
}
