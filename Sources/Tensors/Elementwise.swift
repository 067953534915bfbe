import CKernels

/// A kernel that reads `count` scalars and writes as many.
public typealias UnaryKernel = (_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) -> Void

/// A kernel that reads two runs of `count` scalars and writes as many.
public typealias BinaryKernel = (
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) -> Void

extension Tensor {
  /// How many scalars are worth a thread of their own.
  private static let grain = 1 << 14

  /// The scalars put through a kernel, on all threads.
  public func mapped(by kernel: UnaryKernel) -> Tensor {
    Tensor(unfilled: shape) { result in
      withScalars { scalars in
        Workers.current.forEachRange(of: count, grain: Self.grain) { range in
          kernel(scalars.base + range.lowerBound, result.base + range.lowerBound, range.count)
        }
      }
    }
  }

  /// The scalars of two tensors of one shape put through a kernel pair by pair, on all threads.
  public func combined(with other: Tensor, by kernel: BinaryKernel) -> Tensor {
    precondition(shape == other.shape, "\(shape) and \(other.shape) cannot be combined element by element")
    return Tensor(unfilled: shape) { result in
      withScalars { a in
        other.withScalars { b in
          Workers.current.forEachRange(of: count, grain: Self.grain) { range in
            let start = range.lowerBound
            kernel(a.base + start, b.base + start, result.base + start, range.count)
          }
        }
      }
    }
  }

  /// Calls `body` with ranges of the rows of `columns` scalars that this tensor consists of, on all threads.
  public static func forEachRow(of rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    Workers.current.forEachRange(of: rows, grain: max(1, grain / max(1, columns)), body)
  }

  /// The sum, element by element.
  public static func + (left: Tensor, right: Tensor) -> Tensor {
    left.combined(with: right) { vitcam_add($0, $1, $2, $3) }
  }

  /// The product, element by element.
  public static func * (left: Tensor, right: Tensor) -> Tensor {
    left.combined(with: right) { vitcam_multiply($0, $1, $2, $3) }
  }

  /// Every scalar times a factor.
  public static func * (left: Tensor, factor: Float) -> Tensor {
    left.mapped { vitcam_affine($0, factor, 0, $1, $2) }
  }

  /// Adds another tensor of the same shape in place.
  public static func += (left: inout Tensor, right: Tensor) {
    precondition(left.shape == right.shape, "\(right.shape) cannot be added to \(left.shape)")
    let count = left.count
    right.withScalars { right in
      left.withMutableScalars { left in
        Workers.current.forEachRange(of: count, grain: grain) { range in
          let start = range.lowerBound
          vitcam_add(left.base + start, right.base + start, left.base + start, range.count)
        }
      }
    }
  }

  /// max(x, 0), element by element.
  public func relu() -> Tensor {
    mapped { vitcam_relu($0, $1, $2) }
  }

  /// Each scalar without its sign.
  public func magnitudes() -> Tensor {
    mapped { vitcam_magnitudes($0, $1, $2) }
  }

  /// The sum of all samples as a batch of one.
  public func summedOverBatch() -> Tensor {
    guard batchCount > 1 else { return self }
    var sum = samples(0..<1)
    for sample in 1..<batchCount { sum += samples(sample..<sample + 1) }
    return sum
  }

  /// This tensor with its only sample repeated: a batch of one becomes a batch of `count`. Any other batch stays as it is.
  public func broadcast(toBatch count: Int) -> Tensor {
    guard batchCount == 1, count != 1 else { return self }
    return Tensor(unfilled: shape.perSample.batched(count)) { result in
      withScalars { sample in
        for index in 0..<count {
          (result.base + index * sample.count).update(from: sample.base, count: sample.count)
        }
      }
    }
  }
}
