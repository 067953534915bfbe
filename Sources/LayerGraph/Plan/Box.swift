import Tensors

/// A part of one sample of a result: a range along each axis.
struct Box: Hashable {
  var ranges: [Range<Int>]

  init(_ ranges: [Range<Int>]) {
    self.ranges = ranges
  }

  /// All of a shape.
  init(whole shape: Shape) {
    ranges = shape.extents.map { 0..<$0 }
  }

  var shape: Shape { Shape(ranges.map(\.count)) }

  func isWhole(of shape: Shape) -> Bool { self == Box(whole: shape) }

  func isDisjoint(from other: Box) -> Bool {
    zip(ranges, other.ranges).contains { !$0.overlaps($1) }
  }

  /// The axes along which this is less than all of a shape.
  func restrictedAxes(of shape: Shape) -> [Int] {
    shape.extents.indices.filter { ranges[$0] != 0..<shape[$0] }
  }
}

/// An op of which a part can be computed from parts of its inputs.
protocol PartlyComputable: Op {
  /// The op that computes a part of the result, and the parts of the inputs that it reads; nil where this is not possible.
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])?
}

extension PartlyComputable {
  /// The op as it is on the same parts of all inputs, unless the part cuts one of the last `entire` axes.
  func samePart(
    _ box: Box, of shape: Shape, inputs: [Shape], entire: Int
  ) -> (op: any Op, reads: [Box])? {
    guard inputs.allSatisfy({ $0 == shape }) else { return nil }
    let restricted = box.restrictedAxes(of: shape)
    return restricted.contains { $0 >= shape.rank - entire } ? nil : (self, inputs.map { _ in box })
  }
}

extension PartlyComputable where Self: Pointwise {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 0)
  }
}

extension ReLU: PartlyComputable {}
extension ReLU6: PartlyComputable {}
extension Sigmoid: PartlyComputable {}
extension GELU: PartlyComputable {}
extension SiLU: PartlyComputable {}
extension HardSwish: PartlyComputable {}
extension HardSigmoid: PartlyComputable {}

extension Add: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 0)
  }
}

extension Scale: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 0)
  }
}

extension LayerNorm: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 1)
  }
}

extension LayerScale: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 1)
  }
}

extension Softmax: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    samePart(box, of: shape, inputs: inputs, entire: 1)
  }
}

extension Linear: PartlyComputable {
  /// Some features need some rows of the weights, which are not copied.
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    guard inputs.count == 1, packed == nil, let features = box.ranges.last else { return nil }
    let op = Linear(weight: weight.samples(features), bias: bias?.samples(features))
    return (op, [Box(box.ranges.dropLast() + [0..<inputs[0][-1]])])
  }
}

extension MatrixProduct: PartlyComputable {
  /// Some rows need as many of the left operand, some columns as many of the right one.
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    var left = Box(whole: inputs[0])
    var right = Box(whole: inputs[1])
    let rank = shape.rank
    for axis in 0..<rank - 2 {
      left.ranges[axis] = box.ranges[axis]
      right.ranges[axis] = box.ranges[axis]
    }
    left.ranges[rank - 2] = box.ranges[rank - 2]
    right.ranges[transposesRight ? rank - 2 : rank - 1] = box.ranges[rank - 1]
    return (self, [left, right])
  }
}

extension Permute: PartlyComputable {
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    var read = Box(whole: inputs[0])
    for (axis, source) in axes.enumerated() { read.ranges[source] = box.ranges[axis] }
    return (self, [read])
  }
}

extension Slice: PartlyComputable {
  /// What is read of the input is the result.
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    var read = box
    let wanted = box.ranges[axis]
    read.ranges[axis] = range.lowerBound + wanted.lowerBound..<range.lowerBound + wanted.upperBound
    return (Reshape(shape: box.shape), [read])
  }
}

extension Reshape: PartlyComputable {
  /// Axes that stay as they are, and those that one axis is split into, of which only the outermost may be cut.
  func part(_ box: Box, of shape: Shape, inputs: [Shape]) -> (op: any Op, reads: [Box])? {
    var read = Box(whole: inputs[0])
    for axis in box.restrictedAxes(of: shape) {
      let outer = shape.extents[..<axis].reduce(1, *)
      var source = 0
      var before = 1
      while source < inputs[0].rank, before * inputs[0][source] <= outer, before != outer || inputs[0][source] == 1 {
        before *= inputs[0][source]
        source += 1
      }
      guard source < inputs[0].rank, before == outer, inputs[0][source] % shape[axis] == 0 else { return nil }
      let inner = inputs[0][source] / shape[axis]
      // What lies within the cut axis must be whole.
      let innerAxes = axis + 1..<shape.rank
      var covered = 1
      for other in innerAxes where covered < inner {
        guard box.ranges[other] == 0..<shape[other] else { return nil }
        covered *= shape[other]
      }
      guard covered == inner else { return nil }
      read.ranges[source] = box.ranges[axis].lowerBound * inner..<box.ranges[axis].upperBound * inner
    }
    guard read.shape.count == box.shape.count else { return nil }
    return (Reshape(shape: box.shape), [read])
  }
}
