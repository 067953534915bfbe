import Tensors

extension Tensor {
  /// Independent uniform values that follow from the seed.
  public static func random(_ shape: Shape, seed: UInt64, in range: ClosedRange<Float> = -1...1) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor((0..<shape.count).map { _ in Float.random(in: range, using: &generator) }, shape: shape)
  }

  /// All different values in random order, `gap` apart and at least half of it from zero: far from the kinks of a
  /// rectifier or a maximum, so that central differences with a smaller step are exact there.
  public static func distinct(_ shape: Shape, seed: UInt64, gap: Float = 0.05) -> Tensor {
    var generator = SplitMix64(seed: seed)
    let middle = Float(shape.count / 2) - 0.5
    let values = (0..<shape.count).map { (Float($0) - middle) * gap }
    return Tensor(values.shuffled(using: &generator), shape: shape)
  }
}
