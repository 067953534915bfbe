import Tensors

extension Tensor {
  /// Calls `body` with where the scalars of each of several tensors begin.
  static func withScalars<Result>(
    of tensors: [Tensor], _ body: ([UnsafePointer<Float>]) -> Result
  ) -> Result {
    func add(_ index: Int, _ bases: [UnsafePointer<Float>]) -> Result {
      guard index < tensors.count else { return body(bases) }
      return tensors[index].withScalars { add(index + 1, bases + [$0.base]) }
    }
    return add(0, [])
  }

  /// Tensors of several shapes, zero but for what `fill` writes, which is given where the scalars of each begin.
  static func zeros(_ shapes: [Shape], fill: ([UnsafeMutablePointer<Float>]) -> Void) -> [Tensor] {
    var tensors = [Tensor]()
    func add(_ index: Int, _ bases: [UnsafeMutablePointer<Float>]) {
      guard index < shapes.count else { return fill(bases) }
      let tensor = Tensor(unfilled: shapes[index]) { scalars in
        scalars.update(repeating: 0)
        add(index + 1, bases + [scalars.base])
      }
      tensors.append(tensor)
    }
    add(0, [])
    return tensors.reversed()
  }
}
