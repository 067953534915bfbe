import Tensors

/// Some scalars of one sample of a tensor, seen under a shape without being moved: those at
/// `offset` + Σ index · stride.
///
/// What a chain of ``Reshape``, ``Permute`` and ``Slice`` gives is such a view of what it is given, unless a reshape joins
/// axes that lie apart.
struct StridedView: Equatable {
  let shape: Shape
  /// How far apart neighbours along each axis are; 0 for axes of one index.
  let strides: [Int]
  let offset: Int

  private init(shape: Shape, strides: [Int], offset: Int) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// All of a sample as it lies in memory.
  init(whole shape: Shape) {
    var strides = [Int](repeating: 0, count: shape.rank)
    var stride = 1
    for axis in shape.extents.indices.reversed() where shape[axis] != 1 {
      strides[axis] = stride
      stride *= shape[axis]
    }
    self.init(shape: shape, strides: strides, offset: 0)
  }

  /// The axes in another order: axis i of the result is axis `axes[i]` of this one.
  func permuted(_ axes: [Int]) -> StridedView {
    StridedView(shape: Shape(axes.map { shape[$0] }), strides: axes.map { strides[$0] }, offset: offset)
  }

  /// A range of indices along one axis.
  func sliced(_ range: Range<Int>, axis: Int) -> StridedView {
    var (extents, strides) = (shape.extents, strides)
    let start = offset + range.lowerBound * strides[axis]
    extents[axis] = range.count
    if range.count == 1 { strides[axis] = 0 }
    return StridedView(shape: Shape(extents), strides: strides, offset: start)
  }

  /// The same scalars in the same order under another shape; nil where that takes more than strides.
  func reshaped(to newShape: Shape) -> StridedView? {
    // Neighbouring axes that one axis could stand for, and then the new axes, the innermost first.
    var runs = [(count: Int, stride: Int)]()
    for (extent, stride) in zip(shape.extents, strides) where extent != 1 {
      if let last = runs.last, last.stride == extent * stride {
        runs[runs.count - 1] = (last.count * extent, stride)
      } else {
        runs.append((extent, stride))
      }
    }
    var newStrides = [Int](repeating: 0, count: newShape.rank)
    for axis in newShape.extents.indices.reversed() where newShape[axis] != 1 {
      guard let run = runs.popLast(), run.count % newShape[axis] == 0 else { return nil }
      newStrides[axis] = run.stride
      if run.count > newShape[axis] { runs.append((run.count / newShape[axis], run.stride * newShape[axis])) }
    }
    return StridedView(shape: newShape, strides: newStrides, offset: offset)
  }

  /// Whether this view and another one of the same tensor have no scalar in common, as far as their strides tell.
  func isDisjoint(from other: StridedView) -> Bool {
    guard shape == other.shape, strides == other.strides else { return false }
    let distance = abs(offset - other.offset)
    let axes = zip(shape.extents, strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var span = 1  // From the first scalar to behind the last one of the axes so far.
    for (index, (extent, stride)) in axes.enumerated() {
      let rest = distance % stride
      if rest >= span, stride - rest >= span, axes[index...].allSatisfy({ $0.1 % stride == 0 }) { return true }
      span += (extent - 1) * stride
    }
    return distance >= span
  }
}

extension StridedView {
  /// What an op that only arranges scalars makes of this view; nil for other ops.
  func arranged(by op: any Op) -> StridedView? {
    switch op {
    case let reshape as Reshape: reshaped(to: reshape.shape)
    case let permute as Permute: permuted(permute.axes)
    case let slice as Slice: sliced(slice.range, axis: slice.axis)
    default: nil
    }
  }

  /// What such an op was given, of this shape, where this view is what it gave.
  func before(_ op: any Op, of shape: Shape) -> StridedView? {
    switch op {
    case is Reshape: reshaped(to: shape)
    case let permute as Permute: permuted(permute.inverse)
    default: nil
    }
  }
}
