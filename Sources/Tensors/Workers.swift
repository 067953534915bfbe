import CKernels
import Dispatch
import Synchronization

/// The threads that share the work of one operation.
///
/// One pool serves the whole process: Dispatch's. ``current`` says how many of its threads an operation takes, for the
/// task or the scope at hand: `Workers.$current.withValue(Workers(count: 1)) { ... }` runs on one.
public struct Workers: Sendable {
  /// The number of threads, at least one.
  public let count: Int

  /// As many threads as asked for, at least one.
  public init(count: Int) {
    self.count = max(1, count)
  }

  /// One thread for each processor that this process may run on.
  public static let available = Workers(count: Int(vitcam_available_processors()))

  /// The threads that operations started here share.
  @TaskLocal public static var current = Workers.available

  /// Calls `body` once for each index below `count`, on all threads at once, and returns when all are done. A thread that
  /// is through with an index takes the next one, so indices may cost differently.
  public func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard self.count > 1, count > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic(0)
    withoutActuallyEscaping(body) { body in
      // Safe to share: no call outlives this function, and callers write to disjoint memory.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: min(self.count, count)) { _ in
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index)
        }
      }
    }
  }

  /// Splits the indices below `count` into ranges of at least `grain` indices and calls `body` once for each, on all
  /// threads at once.
  public func forEachRange(of count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let pieces = max(1, min(self.count * 2, count / max(1, grain)))
    guard pieces > 1, self.count > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    forEach(pieces) { piece in
      body(count * piece / pieces..<count * (piece + 1) / pieces)
    }
  }
}
