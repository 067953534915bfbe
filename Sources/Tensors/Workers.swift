import CKernels
import Synchronization

/// The threads that share the work of one operation.
///
/// One pool serves the whole process: threads that look for work for a moment before they sleep, because waking one takes
/// as long as a small layer. ``current`` says how many of them an operation takes, for the task or the scope at hand: `Workers.$current.withValue(Workers(count: 1)) { ... }` runs on one.
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
    Self.together(min(self.count, count)) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  /// The same with memory for `scratch` scalars, which a thread keeps from one index to the next.
  public func forEach(
    _ count: Int, scratch: Int, _ body: (_ index: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard count > 0 else { return }
    let next = Atomic(0)
    Self.together(min(self.count, count)) {
      withUnsafeTemporaryAllocation(byteCount: max(1, scratch) * MemoryLayout<Float>.stride, alignment: 64) { bytes in
        let memory = bytes.bindMemory(to: Float.self).base
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index, memory)
        }
      }
    }
  }

  /// Calls `body` on this thread and on others at once, each until it returns. A call that comes from within another one
  /// has this thread only.
  private static func together(_ threads: Int, _ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { context in
        vitcam_work_together(
          threads,
          { context in context?.assumingMemoryBound(to: (() -> Void).self).pointee() },
          UnsafeMutableRawPointer(mutating: UnsafeRawPointer(context)))
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
