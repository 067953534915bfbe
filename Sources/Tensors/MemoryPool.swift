import Synchronization

/// Large pieces of memory that are used again.
///
/// The system gives memory page by page, when each is first touched, and takes large pieces back as soon as they are free:
/// for a result of some megabytes this costs more than computing it. Tensors made inside ``lend(_:)`` take theirs from the
/// pool, and give it back when the last of them lets go of it. What is free stays in the pool, up to ``mostFree`` bytes,
/// as long as the pool or a tensor from it lives.
public final class MemoryPool: Sendable {
  /// Memory that a tensor has borrowed.
  ///
  /// `@unchecked Sendable`: it belongs to one tensor or to the pool.
  struct Block: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    /// In bytes.
    let size: Int
  }

  private struct State: ~Copyable {
    /// By size.
    var free: [Block] = []
    var freeBytes = 0
    var allocations = 0
  }

  private let state = Mutex(State())

  /// The pool that tensors made here take their memory from; none outside of ``lend(_:)``.
  @TaskLocal static var current: MemoryPool?

  /// Smaller tensors have memory of their own.
  static let smallestBlock = 1 << 18
  /// The most that is kept, in bytes.
  static let mostFree = 1 << 27

  /// An empty pool.
  public init() {}

  deinit {
    for block in state.withLock({ $0.free }) { block.start.deallocate() }
  }

  /// Calls `body`, whose tensors take their memory from this pool.
  public func lend<Result>(_ body: () -> Result) -> Result {
    Self.$current.withValue(self, operation: body)
  }

  /// How often the system was asked for memory.
  public var allocations: Int { state.withLock { $0.allocations } }

  /// The smallest free block that holds as many bytes, and at most a fourth more, or a new one.
  func take(bytes: Int) -> Block {
    let known = state.withLock { state -> Block? in
      guard let index = state.free.firstIndex(where: { $0.size >= bytes }),
        state.free[index].size - bytes <= bytes / 4
      else {
        state.allocations += 1
        return nil
      }
      state.freeBytes -= state.free[index].size
      return state.free.remove(at: index)
    }
    return known ?? Block(start: .allocate(byteCount: bytes, alignment: 64), size: bytes)
  }

  /// Takes a block back.
  func give(_ block: Block) {
    let isKept = state.withLock { state in
      guard state.freeBytes + block.size <= Self.mostFree else { return false }
      let place = state.free.firstIndex { $0.size >= block.size } ?? state.free.endIndex
      state.free.insert(block, at: place)
      state.freeBytes += block.size
      return true
    }
    if !isKept { block.start.deallocate() }
  }
}
