/// The extents of a tensor along its axes, outermost first: `[1, 3, 224, 224]` is B×C×H×W.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost axis first. None is negative.
  public let extents: [Int]

  /// A shape of the given extents, outermost axis first.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "an extent cannot be negative: \(extents)")
    self.extents = extents
  }

  /// A shape written as a literal, outermost axis first.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The number of scalars that a tensor of this shape holds; 1 for a shape without axes.
  public var count: Int { extents.reduce(1, *) }

  /// The extent along an axis; a negative axis counts from the last one.
  public subscript(axis: Int) -> Int {
    extents[axis < 0 ? extents.count + axis : axis]
  }

  /// The extents without the outermost axis: the shape of one sample of a batch.
  public var perSample: Shape { Shape(Array(extents.dropFirst())) }

  /// This shape without one axis, counted from the front.
  public func removing(axis: Int) -> Shape { Shape(Array(extents[..<axis] + extents[(axis + 1)...])) }

  /// This shape with a batch axis in front.
  public func batched(_ count: Int) -> Shape { Shape([count] + extents) }

  /// `3×224×224`, or `scalar` without axes.
  public var description: String {
    extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: "×")
  }
}
