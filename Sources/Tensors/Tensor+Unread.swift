#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Tensor {
  /// Zeros that take no memory until somebody reads them: the system hands their pages out on first use. They stand in for
  /// parameters where only shapes matter.
  ///
  /// - Precondition: the shape is one that the address space can hold.
  public init(unreadZeros shape: Shape) {
    guard let zeros = UnreadZeros(count: shape.count) else {
      self.init(repeating: 0, shape: shape)
      return
    }
    self.init(borrowing: zeros.memory, shape: shape, owner: zeros)
  }
}

/// Memory of `calloc`.
///
/// `@unchecked Sendable`: never written to.
private final class UnreadZeros: @unchecked Sendable {
  let memory: UnsafeBufferPointer<Float>
  private let pages: UnsafeMutableRawPointer

  init?(count: Int) {
    guard count > 0, let pages = calloc(count, MemoryLayout<Float>.stride) else { return nil }
    self.pages = pages
    memory = UnsafeBufferPointer(start: pages.bindMemory(to: Float.self, capacity: count), count: count)
  }

  deinit { free(pages) }
}
