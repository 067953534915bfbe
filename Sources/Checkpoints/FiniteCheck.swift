import Tensors

extension Tensor {
  /// The row-major index of the first scalar that is NaN or infinite, or nil when all are finite.
  public func firstNonFiniteIndex() -> Int? {
    withScalars { scalars in
      let blockSize = 4096
      for start in stride(from: 0, to: scalars.count, by: blockSize) {
        let block = start..<min(start + blockSize, scalars.count)
        if Self.hasNonFinite(scalars, in: block) { return block.first { !scalars[$0].isFinite } }
      }
      return nil
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
