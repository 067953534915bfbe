import Synchronization
import Tensors

extension Tensor {
  /// The row-major index of the first scalar that is NaN or infinite, or nil when all are finite. Runs on all threads,
  /// because of a mapped file it is the first to touch every page.
  public func firstNonFiniteIndex() -> Int? {
    withScalars { scalars in
      let blockSize = 4096
      let firstBlock = Atomic(Int.max)
      Workers.current.forEachRange(of: (scalars.count + blockSize - 1) / blockSize, grain: 16) { blocks in
        let bad = blocks.first { index in
          Self.hasNonFinite(scalars, in: index * blockSize..<min((index + 1) * blockSize, scalars.count))
        }
        if let bad { firstBlock.min(bad, ordering: .relaxed) }
      }
      let block = firstBlock.load(ordering: .relaxed)
      guard block < Int.max else { return nil }
      return (block * blockSize..<min((block + 1) * blockSize, scalars.count)).first { !scalars[$0].isFinite }
    }
  }

  /// Whether an exponent has all bits set. Integer arithmetic without branches: vectorised, at the speed of memory.
  private static func hasNonFinite(_ scalars: UnsafeBufferPointer<Float>, in block: Range<Int>) -> Bool {
    let infinity: UInt32 = 0x7F80_0000
    var found: UInt32 = 0
    for index in block {
      found |= scalars[index].bitPattern & infinity == infinity ? 1 : 0
    }
    return found != 0
  }
}
