import Tensors

/// y has x's axes in another order: axis i of y is axis `axes[i]` of x. Axes count within one sample.
struct Permute: Op {
  let axes: [Int]

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let shape = try single(inputs)
    guard axes.sorted() == Array(0..<shape.rank) else {
      throw ShapeError("expected \(axes.count) axes to permute, found \(shape)")
    }
    return Shape(axes.map { shape[$0] })
  }

  func forward(_ inputs: [Tensor]) -> Tensor {
    inputs[0].permuted([0] + axes.map { $0 + 1 })
  }

  /// The axes of the permutation that undoes this one.
  var inverse: [Int] { axes.indices.sorted { axes[$0] < axes[$1] } }

  /// The inverse permutation of ∂y.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    [gradient.permuted([0] + inverse.map { $0 + 1 })]
  }
}

extension Permute: PlacedOp {
  /// They are moved alike.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    inputs[0].mapped { $0.permuted(axes) }
  }
}

extension Value {
  /// The axes (of one sample) in another order.
  public func permuted(_ axes: Int...) -> Value {
    permuted(axes)
  }

  /// The axes (of one sample) in another order: axis i of the result is axis `axes[i]`.
  public func permuted(_ axes: [Int]) -> Value {
    builder.append("permute", Permute(axes: axes), [self])
  }

  /// The matrices of the last two axes transposed, where they are rows of a permutation's input: taken from that input
  /// anew, so that it need not be transposed twice. Nil elsewhere.
  public var transposeBeforePermutation: Value? {
    let node = builder.node(of: self)
    guard let axes = (node.op as? Permute)?.axes, axes.count >= 2, axes[axes.count - 2] == axes.count - 1 else {
      return nil
    }
    let order = axes.dropLast(2) + [axes[axes.count - 1], axes[axes.count - 2]]
    let input = Value(id: node.inputs[0], shape: builder.shape(ofNode: node.inputs[0]), builder: builder)
    return Array(order) == Array(axes.indices) ? input : input.permuted(Array(order))
  }
}
