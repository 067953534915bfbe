extension Tensor {
  /// This tensor repeated along axes of extent 1, until it has a shape of as many axes.
  ///
  /// - Precondition: the other extents are those of `shape`.
  public func expanded(to shape: Shape) -> Tensor {
    guard shape != self.shape else { return self }
    precondition(
      shape.rank == self.shape.rank && zip(self.shape.extents, shape.extents).allSatisfy { $0 == $1 || $0 == 1 },
      "\(self.shape) cannot be repeated to \(shape)")
    // One axis at a time, from the innermost on.
    var result = self
    for axis in shape.extents.indices.reversed() where result.shape[axis] != shape[axis] {
      let inner = result.shape.extents[(axis + 1)...].reduce(1, *)
      let count = shape[axis]
      var extents = result.shape.extents
      extents[axis] = count
      let source = result
      result = Tensor(unfilled: Shape(extents)) { target in
        source.withScalars { source in
          for index in 0..<(inner == 0 ? 0 : target.count / inner) {
            (target.base + index * inner).update(from: source.base + index / count * inner, count: inner)
          }
        }
      }
    }
    return result
  }
}
