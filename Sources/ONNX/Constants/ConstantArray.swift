import LayerGraph
import Tensors

/// An array that is known when a model is read: a weight, or a part of the arithmetic of shapes.
struct ConstantArray: Sendable {
  enum Elements: Sendable {
    case floats(Tensor)
    /// Integers and truth values.
    case integers([Int])
  }

  let extents: [Int]
  let elements: Elements

  init(_ tensor: Tensor) {
    extents = tensor.shape.extents
    elements = .floats(tensor)
  }

  /// - Precondition: as many integers as the extents say.
  init(_ integers: [Int], shape extents: [Int]) {
    precondition(integers.count == extents.reduce(1, *), "\(integers.count) integers for \(extents)")
    self.extents = extents
    elements = .integers(integers)
  }

  /// One integer without axes.
  init(_ integer: Int) { self.init([integer], shape: []) }

  /// A list of integers.
  init(_ integers: [Int]) { self.init(integers, shape: [integers.count]) }

  var count: Int { extents.reduce(1, *) }
  var isFloat: Bool { if case .floats = elements { true } else { false } }

  /// The elements as floats, in this shape.
  var tensor: Tensor {
    switch elements {
    case .floats(let tensor): tensor
    case .integers(let integers): Tensor(integers.map(Float.init), shape: Shape(extents))
    }
  }

  /// The elements as integers; nil where one is none, or not a number.
  var integers: [Int]? {
    switch elements {
    case .integers(let integers): return integers
    case .floats(let tensor):
      let integers = tensor.scalars.map { Int(exactly: $0) }
      return integers.contains(nil) ? nil : integers.compactMap { $0 }
    }
  }

  /// The only element, where there is just one.
  var scalar: Float? { count == 1 ? tensor.scalars.first : nil }

  /// The same elements under another shape.
  ///
  /// - Precondition: both shapes hold as many.
  func reshaped(to extents: [Int]) -> ConstantArray {
    switch elements {
    case .floats(let tensor): ConstantArray(tensor.reshaped(to: Shape(extents)))
    case .integers(let integers): ConstantArray(integers, shape: extents)
    }
  }

  /// Elements by their row-major numbers under another shape; −1 stands for a constant.
  func gathered(_ indices: [Int], as extents: [Int], constant: Float = 0) -> ConstantArray {
    switch elements {
    case .floats(let tensor):
      return ConstantArray(
        Tensor(unfilled: Shape(extents)) { result in
          tensor.withScalars { source in
            for (place, index) in indices.enumerated() { result[place] = index < 0 ? constant : source[index] }
          }
        })
    case .integers(let integers):
      return ConstantArray(indices.map { $0 < 0 ? Int(constant) : integers[$0] }, shape: extents)
    }
  }
}
