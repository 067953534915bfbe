import LayerGraph
import Tensors
import Testing

/// Gradients by central differences.
public enum FiniteDifferences {
  /// Expects an op's backward pass to agree with central differences of Σ g ⊙ y for every input, g being random.
  ///
  /// - Parameters:
  ///   - op: the op.
  ///   - inputs: where to differentiate, batch first; away from kinks by more than `step`.
  ///   - step: how far each value is moved both ways. The sum is taken in double precision, and float32 values leave
  ///     about three digits of the difference.
  ///   - places: how many values of each input are moved, chosen at random; all of them where there are no more.
  public static func expectGradients(
    of op: any Op, at inputs: [Tensor], step: Float = 1e-2, places: Int = 200, seed: UInt64 = 1,
    tolerance: Tolerance = Tolerances.finiteDifferences, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let output = op.forward(inputs)
    let upstream = Tensor.random(output.shape, seed: seed)
    let gradients = op.backward(upstream, inputs: inputs, output: output)
    #expect(gradients.map(\.shape) == inputs.map(\.shape), sourceLocation: sourceLocation)
    guard gradients.map(\.shape) == inputs.map(\.shape) else { return }
    for (index, input) in inputs.enumerated() {
      expectGradient(
        gradients[index], at: input, step: step, places: places, seed: seed, tolerance: tolerance,
        label: "input \(index)", sourceLocation: sourceLocation
      ) { moved in
        var operands = inputs
        operands[index] = moved
        return sum(upstream, op.forward(operands))
      }
    }
  }

  /// Expects a gradient to agree with central differences of a function.
  public static func expectGradient(
    _ gradient: Tensor, at input: Tensor, step: Float = 1e-2, places: Int = 200, seed: UInt64 = 1,
    tolerance: Tolerance = Tolerances.finiteDifferences, label: String = "gradient",
    sourceLocation: SourceLocation = #_sourceLocation, of function: (Tensor) throws -> Double
  ) rethrows {
    let found = gradient.scalars
    let bound = tolerance.bound(scale: found.reduce(0) { max($0, abs($1)) })
    for index in chosen(places, of: input.count, seed: seed) {
      let expected = try derivative(of: function, at: input, index: index, step: step)
      guard !(abs(found[index] - expected) <= bound) else { continue }
      Issue.record(
        """
        \(label) at \(place(index, in: input.shape)): central differences give \(expected), found \(found[index]), \
        allowed \(bound)
        """, sourceLocation: sourceLocation)
      return
    }
  }

  /// Σ a ⊙ b in double precision.
  public static func sum(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.scalars, b.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  private static func derivative(
    of function: (Tensor) throws -> Double, at input: Tensor, index: Int, step: Float
  ) rethrows -> Float {
    var moved = input
    let value = input.withScalars { $0[index] }
    let (above, below) = (value + step, value - step)
    moved.withMutableScalars { $0[index] = above }
    let high = try function(moved)
    moved.withMutableScalars { $0[index] = below }
    let low = try function(moved)
    return Float((high - low) / (Double(above) - Double(below)))
  }

  private static func chosen(_ places: Int, of count: Int, seed: UInt64) -> [Int] {
    guard count > places else { return Array(0..<count) }
    var generator = SplitMix64(seed: seed)
    return (0..<count).shuffled(using: &generator).prefix(places).sorted()
  }
}
