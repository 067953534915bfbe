import Tensors

/// Scalars of a sample picked by number, in runs: y[r] = x[runs[r]], and a constant where the number is −1.
///
/// What moves or repeats scalars and is no permutation, slice or reshape: rolls, steps, tables of indices, padding.
struct Gather: Op {
  /// The shape of one sample of the result.
  let shape: Shape
  /// The shape of one sample of the input.
  private let inputShape: Shape
  /// For each run of the result the number of the input's run, −1 for the constant.
  private let runs: [Int32]
  /// The number of scalars of a run.
  private let run: Int
  private let constant: Float

  /// A gather of single scalars; neighbours that stay together are found.
  ///
  /// - Precondition: an index for each scalar of `shape`, below the input's count.
  init(_ indices: [Int], of inputShape: Shape, as shape: Shape, constant: Float = 0) {
    precondition(indices.count == shape.count, "\(indices.count) indices for \(shape)")
    precondition(indices.allSatisfy { $0 < inputShape.count && $0 >= -1 }, "an index outside \(inputShape)")
    let run = Self.run(of: indices, lastAxes: [shape, inputShape])
    self.shape = shape
    self.inputShape = inputShape
    self.run = run
    self.constant = constant
    runs = stride(from: 0, to: indices.count, by: run).map { indices[$0] < 0 ? -1 : Int32(indices[$0] / run) }
  }

  /// The largest number of scalars that always stay together and begin at a multiple of it.
  private static func run(of indices: [Int], lastAxes shapes: [Shape]) -> Int {
    var longest = shapes.reduce(0) { greatestCommonDivisor($0, $1.count) }
    var start = 0
    while start < indices.count, longest > 1 {
      var end = start + 1
      let isConstant = indices[start] < 0
      while end < indices.count, isConstant ? indices[end] < 0 : indices[end] == indices[end - 1] + 1 { end += 1 }
      longest = greatestCommonDivisor(longest, end - start)
      if !isConstant { longest = greatestCommonDivisor(longest, indices[start]) }
      start = end
    }
    return max(1, longest)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
    let found = try single(inputs)
    guard found == inputShape else { throw ShapeError("expected \(inputShape) to pick from, found \(found)") }
    return shape
  }

  func forward(_ inputs: [Tensor]) -> Tensor { gathered(inputs[0], constant: constant) }

  /// The scalars picked, and a constant where none is.
  private func gathered(_ x: Tensor, constant: Float) -> Tensor {
    Tensor(unfilled: shape.batched(x.batchCount)) { y in
      x.withScalars { x in
        Tensor.forEachRow(of: y.count / run, columns: run) { range in
          for index in range {
            let (sample, place) = (index / runs.count, index % runs.count)
            let target = y.base + index * run
            let source = Int(runs[place])
            if source < 0 {
              target.update(repeating: constant, count: run)
            } else {
              target.update(from: x.base + sample * inputShape.count + source * run, count: run)
            }
          }
        }
      }
    }
  }

  /// ∂x: the sum of ∂y over all places that a scalar went to.
  func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor] {
    let samples = gradient.batchCount
    let result = Tensor(unfilled: inputShape.batched(samples)) { result in
      result.update(repeating: 0)
      gradient.withScalars { gradient in
        Workers.current.forEach(samples) { sample in
          for (place, source) in runs.enumerated() where source >= 0 {
            let target = result.base + sample * inputShape.count + Int(source) * run
            let from = gradient.base + (sample * runs.count + place) * run
            for index in 0..<run { target[index] += from[index] }
          }
        }
      }
    }
    return [result]
  }
}

extension Gather: PlacedOp {
  /// They are moved alike; the constant has none.
  func places(of inputs: [Places], shapes: [Shape]) -> Places {
    inputs[0].mapped { tensor in
      gathered(tensor.expanded(to: inputShape).reshaped(to: inputShape.batched(1)), constant: 0).reshaped(to: shape)
    }
  }
}

extension Value {
  /// Scalars (of one sample) by their row-major numbers under another shape; −1 stands for a constant.
  ///
  /// - Precondition: an index for each scalar of `shape`, below the value's count.
  public func gathered(_ indices: [Int], as shape: Shape, constant: Float = 0) -> Value {
    builder.append("gather", Gather(indices, of: self.shape, as: shape, constant: constant), [self])
  }
}
