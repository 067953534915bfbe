import Synchronization
import Tensors

/// Weights packed for products, by the name of the step that reads them: all plans of a graph share them.
final class PackedWeights: Sendable {
  private let matrices = Mutex<[String: PackedMatrix]>([:])

  /// The weights of a step, packed when they are first asked for.
  func matrix(of step: String, _ pack: () -> PackedMatrix) -> PackedMatrix {
    if let known = matrices.withLock({ $0[step] }) { return known }
    let matrix = pack()
    matrices.withLock { $0[step] = matrix }
    return matrix
  }
}
