import Synchronization
import Tensors

/// Weights as products and attentions read them: all plans of a graph share them.
struct PackedWeights: Sendable {
  /// The right sides of products.
  let matrices = StepValues<PackedMatrix>()
  /// Kernels without their signs, which rules of relevance read.
  let magnitudes = StepValues<Tensor>()
  /// What attentions add to their scores.
  let biases = StepValues<ScoreBias>()
}

/// Values by the name of the step that reads them.
final class StepValues<Value: Sendable>: Sendable {
  private let values = Mutex<[String: Value]>([:])

  /// The value for a step, made when it is first asked for.
  func value(of step: String, _ make: () -> Value) -> Value {
    if let known = values.withLock({ $0[step] }) { return known }
    let value = make()
    values.withLock { $0[step] = value }
    return value
  }
}
