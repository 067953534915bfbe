/// A contiguous, row-major array of 32-bit floats with a shape; the batch axis comes first.
///
/// A tensor is a value: copies share their storage until one of them is written to. Storage may also be borrowed from
/// elsewhere (a memory-mapped checkpoint); such a tensor is copied on its first write.
public struct Tensor: Sendable {
  /// The extents, outermost axis first.
  public let shape: Shape
  private var storage: TensorStorage
  /// Where this tensor starts in its storage, in scalars.
  private let start: Int

  private init(shape: Shape, storage: TensorStorage, start: Int) {
    self.shape = shape
    self.storage = storage
    self.start = start
  }

  /// A tensor whose scalars `fill` writes. The buffer is not initialised before: `fill` writes all of it.
  public init(unfilled shape: Shape, fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    let storage = TensorStorage(count: shape.count)
    try fill(storage.buffer)
    self.init(shape: shape, storage: storage, start: 0)
  }

  /// A tensor with the same value everywhere.
  public init(repeating value: Float, shape: Shape) {
    self.init(unfilled: shape) { $0.update(repeating: value) }
  }

  /// A tensor of the given scalars in row-major order.
  ///
  /// - Precondition: as many scalars as the shape holds.
  public init(_ scalars: [Float], shape: Shape) {
    precondition(scalars.count == shape.count, "\(scalars.count) scalars cannot fill \(shape)")
    self.init(unfilled: shape) { _ = $0.update(fromContentsOf: scalars) }
  }

  /// A tensor that reads memory which `owner` keeps alive and nobody writes to, without copying it.
  public init(borrowing memory: UnsafeBufferPointer<Float>, shape: Shape, owner: any AnyObject & Sendable) {
    precondition(memory.count == shape.count, "\(memory.count) scalars cannot fill \(shape)")
    guard memory.baseAddress != nil else {
      self.init(repeating: 0, shape: shape)
      return
    }
    self.init(shape: shape, storage: TensorStorage(borrowing: memory, owner: owner), start: 0)
  }

  /// The number of scalars.
  public var count: Int { shape.count }

  /// The extent of the outermost axis.
  public var batchCount: Int { shape[0] }

  /// The scalars in row-major order, copied.
  public var scalars: [Float] { withScalars { Array($0) } }

  /// Calls `body` with the scalars in row-major order.
  public func withScalars<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(storage.buffer)[start..<start + count]))
    }
  }

  /// Calls `body` with the scalars in row-major order, to be written in place. Storage that is shared is copied first.
  public mutating func withMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
      self = withScalars { source in
        Tensor(unfilled: shape) { _ = $0.update(fromContentsOf: source) }
      }
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(rebasing: storage.buffer[start..<start + count]))
    }
  }

  /// The same scalars under another shape, without copying.
  ///
  /// - Precondition: both shapes hold as many scalars.
  public func reshaped(to newShape: Shape) -> Tensor {
    precondition(newShape.count == count, "\(shape) cannot be reshaped to \(newShape)")
    return Tensor(shape: newShape, storage: storage, start: start)
  }

  /// The samples of a range of the outermost axis, without copying.
  public func samples(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "no samples \(range) in \(shape)")
    let sample = shape.perSample
    return Tensor(
      shape: sample.batched(range.count), storage: storage, start: start + range.lowerBound * sample.count)
  }

  /// One sample of a batch without its batch axis: C×H×W out of B×C×H×W. Nothing is copied.
  public subscript(sample: Int) -> Tensor {
    samples(sample..<sample + 1).reshaped(to: shape.perSample)
  }

  /// The scalar at the given place, one index for each axis. For tests and small work; kernels use ``withScalars(_:)``.
  public subscript(at indices: Int...) -> Float {
    precondition(indices.count == shape.rank, "\(indices.count) indices into \(shape)")
    let offset = zip(indices, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }
    return withScalars { $0[offset] }
  }
}

extension UnsafeBufferPointer {
  /// The first element's address. A tensor's buffer always has one, also when it is empty.
  public var base: UnsafePointer<Element> {
    guard let baseAddress else { preconditionFailure("a buffer without memory") }
    return baseAddress
  }
}

extension UnsafeMutableBufferPointer {
  /// The first element's address. A tensor's buffer always has one, also when it is empty.
  public var base: UnsafeMutablePointer<Element> {
    guard let baseAddress else { preconditionFailure("a buffer without memory") }
    return baseAddress
  }
}

/// The memory behind a tensor: its own, aligned to a cache line, or lent by a pool, or borrowed from an owner.
///
/// `@unchecked Sendable`: a tensor writes to its storage only while it is the sole reference to it.
private final class TensorStorage: @unchecked Sendable {
  private enum Source {
    case own
    case pool(MemoryPool, MemoryPool.Block)
    case owner(any AnyObject & Sendable)
  }

  let buffer: UnsafeMutableBufferPointer<Float>
  private let source: Source

  /// Whether the memory is somebody else's, and must not be written to.
  var isBorrowed: Bool { if case .owner = source { true } else { false } }

  init(count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Float>.stride
    let start: UnsafeMutableRawPointer
    if byteCount >= MemoryPool.smallestBlock, let pool = MemoryPool.current {
      let block = pool.take(bytes: byteCount)
      start = block.start
      source = .pool(pool, block)
    } else {
      start = .allocate(byteCount: byteCount, alignment: 64)
      source = .own
    }
    buffer = UnsafeMutableBufferPointer(start: start.bindMemory(to: Float.self, capacity: count), count: count)
  }

  init(borrowing memory: UnsafeBufferPointer<Float>, owner: any AnyObject & Sendable) {
    buffer = UnsafeMutableBufferPointer(mutating: memory)
    source = .owner(owner)
  }

  deinit {
    switch source {
    case .own: UnsafeMutableRawPointer(buffer.base).deallocate()
    case .pool(let pool, let block): pool.give(block)
    case .owner: break
    }
  }
}
